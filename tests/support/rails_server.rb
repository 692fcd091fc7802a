# As real_options.rb, for `rails server`: a stand-in for Rails reads the arguments, and hands to the installed Puma's own
# Rack handler what Rails 8 hands to it. What is in the options for Rails alone is left out.
require "json"
require "optparse"
require "pathname"
require "stringio"

# Puma's handler registers itself with Rack; there is no Rack here.
module Rack
  module Handler
    def self.register(*) = nil
  end
end
$LOADED_FEATURES << File.expand_path("rack/handler.rb")
$LOAD_PATH.unshift(File.expand_path("."))
require "puma"
require "puma/cli"
handler = Gem.find_files("rack/handler/puma.rb").first
eval(File.read(handler).sub(/^require 'rack\/handler'$/, ""), TOPLEVEL_BINDING, handler)

module Rails
  class Inquirer < String
    def respond_to_missing?(name, all = false) = name.end_with?("?") || super
    def method_missing(name, *) = name.end_with?("?") ? self == name[0..-2] : super
  end
  def self.named = [ENV["RAILS_ENV"], ENV["RACK_ENV"], "development"].find { |name| name.to_s != "" }
  def self.env = Inquirer.new(named)
  def self.root = Pathname.new(Dir.pwd)
end

RAILS_ONLY = %i[Port Host server log_stdout DoNotReverseLookup config pid caching daemonize Verbose Silent app AccessLog].freeze

def handed(arguments)
  given = {}
  OptionParser.new do |flags|
    flags.on("-p", "--port PORT", Integer) { |value| given[:Port] = value }
    flags.on("-b", "--binding HOST") { |value| given[:Host] = value }
    flags.on("-e", "--environment NAME") { |value| given[:environment] = value }
    flags.on("-P", "--pid PID") { |value| given[:pid] = value }
    flags.on("-d", "--daemon") { given[:daemonize] = true }
    flags.on("-C", "--dev-caching") { given[:caching] = true }
    flags.on("--[no-]early-hints") { |value| given[:early_hints] = value }
  end.parse!(arguments)
  asked = given.keys - [:daemonize]
  asked |= [:Host] if ENV["HOST"] || ENV["BINDING"]
  asked |= [:Port] if ENV["PORT"]
  asked |= [:pid] if ENV["PIDFILE"]
  environment = given[:environment] || Rails.named
  ENV["RAILS_ENV"] ||= environment
  host = ENV["BINDING"] || (environment == "development" ? "localhost" : "0.0.0.0")
  {
    user_supplied_options: asked, server: nil, Port: (ENV["PORT"] || 3000).to_i, Host: host, environment: environment,
    config: "config.ru", daemonize: false, early_hints: nil, restart_cmd: "bin/rails server --restart"
  }.merge(given)
end

def plain(value)
  case value
  when nil, true, false, Integer, String then value
  when Symbol then ":#{value}"
  when Float then value.infinite? ? "Infinity" : value
  when Array then value.map { |item| plain(item) }
  when Hash then value.to_h { |key, item| [key.to_s, plain(item)] }
  else "<#{value.class}>"
  end
end

launch = JSON.parse(ARGV.first)
printed = StringIO.new
answer = begin
  Dir.chdir(launch["directory"])
  ENV.replace(launch["environment"].merge("PWD" => launch["directory"]))
  conf = Rack::Handler::Puma.config(proc {}, handed(launch["arguments"]))
  launcher = Puma::Launcher.new(conf, events: Puma::Events.new(printed, printed))
  {"options" => plain(launcher.config.final_options.except(*RAILS_ONLY))}
rescue Exception => e # rubocop:disable Lint/RescueException
  {"error" => "#{e.class}: #{e.message[0, 300]}"}
end
STDOUT.puts(JSON.generate(answer))
