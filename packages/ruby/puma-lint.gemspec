# frozen_string_literal: true

# The gem of one platform: the binary, and a launcher that becomes it. `packages/ruby/build` puts them together.
Gem::Specification.new do |gem|
  cargo = File.read("Cargo.toml", encoding: "UTF-8")
  gem.name = "puma-lint"
  gem.version = cargo[/^version = "(.+)"/, 1]
  gem.platform = ENV.fetch("PLATFORM")
  gem.summary = cargo[/^description = "(.+)"/, 1]
  gem.authors = ["puma-lint"]
  gem.homepage = cargo[/^repository = "(.+)"/, 1]
  gem.license = "MIT"
  gem.required_ruby_version = ">= 2.6"
  gem.files = Dir["exe/*", "libexec/*", "LICENSE"]
  gem.bindir = "exe"
  gem.executables = ["puma-lint"]
  gem.metadata = { "rubygems_mfa_required" => "true" }
end
