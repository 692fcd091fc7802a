# Prints what the installed Puma holds once its launcher is built, one JSON object a line. Each argument is a launch as
# JSON: {"directory", "arguments", "environment"}. Each runs in a child of its own, in that directory, with nothing in
# its environment but what is given. Symbols stand with their colon, blocks as "<Proc>".
require "json"
require "stringio"
require "puma"
require "puma/cli"

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

ARGV.each do |text|
  launch = JSON.parse(text)
  reader, writer = IO.pipe
  child = fork do
    reader.close
    printed = StringIO.new
    $stdout = $stderr = printed
    answer = begin
      Dir.chdir(launch["directory"])
      ENV.replace(launch["environment"].merge("PWD" => launch["directory"]))
      cli = Puma::CLI.new(launch["arguments"], Puma::Events.new(printed, printed))
      {"options" => plain(cli.launcher.config.final_options)}
    rescue SystemExit => e
      {"error" => "SystemExit: exit #{e.status}"}
    rescue Exception => e # rubocop:disable Lint/RescueException
      {"error" => "#{e.class}: #{e.message[0, 300]}"}
    end
    writer.write(JSON.generate(answer))
    writer.close
    exit!(0)
  end
  writer.close
  line = reader.read
  Process.wait(child)
  STDOUT.puts(line.empty? ? JSON.generate("error" => "it ended the process") : line)
end
