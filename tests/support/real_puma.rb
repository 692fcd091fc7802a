# Asks the installed Puma what it makes of each config: loads it and builds a launcher, in a child of its own.
# Prints a JSON object a line: {"file", "error" (class and message, or null), "deprecated"}.
require "json"
require "stringio"
require "tmpdir"
require "puma"
require "puma/cli"

def verdict(file, scratch)
  reader, writer = IO.pipe
  child = fork do
    reader.close
    printed = StringIO.new
    $stdout = $stderr = printed
    error = nil
    begin
      Dir.chdir(scratch)
      Puma::CLI.new(["-C", file], Puma::Events.new(printed, printed))
    rescue SystemExit => e
      error = "SystemExit: exit #{e.status}"
    rescue Exception => e # rubocop:disable Lint/RescueException
      error = "#{e.class}: #{e.message[0, 300]}"
    end
    writer.write(JSON.generate("file" => file, "error" => error, "deprecated" => printed.string.include?("deprecated")))
    writer.close
    exit!(0)
  end
  writer.close
  line = reader.read
  Process.wait(child)
  STDOUT.puts(line.empty? ? JSON.generate("file" => file, "error" => "it ended the process", "deprecated" => false) : line)
end

ARGV.each do |file|
  Dir.mktmpdir { |scratch| verdict(file, scratch) }
end
