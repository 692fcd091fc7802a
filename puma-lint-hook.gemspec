# frozen_string_literal: true

# pre-commit installs a Ruby hook by building the gem of its repository, which is this one. Nobody should have to compile
# Rust to commit: this gem is empty, and asks for the gem of the same version that holds the binary (packages/ruby).
Gem::Specification.new do |gem|
  cargo = File.read(File.expand_path("Cargo.toml", __dir__), encoding: "UTF-8")
  gem.name = "puma-lint-hook"
  gem.version = cargo[/^version = "(.+)"/, 1]
  gem.summary = "Installs puma-lint for pre-commit"
  gem.authors = ["puma-lint"]
  gem.homepage = cargo[/^repository = "(.+)"/, 1]
  gem.license = "MIT"
  gem.required_ruby_version = ">= 2.6"
  gem.files = []
  gem.add_dependency "puma-lint", gem.version.to_s
end
