using System.Diagnostics;
using System.Text.RegularExpressions;
using VipOperator.Import.Tests.Support;

namespace VipOperator.Import.Tests;

/// <summary>
/// What the installed keepalived says of the samples with its configuration test, line by line, against what our reader
/// says. It runs in a network namespace that has the links that the samples name.
/// </summary>
public sealed partial class KeepalivedAgreesTests
{
    private static readonly string[] Links = ["eth0", "eth1", "ens3", "ens192", "bond0"];

    /// <summary>Complaints of what is not taken over, or of how that keepalived was built.</summary>
    private static readonly string[] Elsewhere = ["Rule has no preference", "iptables not supported"];

    /// <summary>What a keepalived older than 2.4 does not know: "sample: reason".</summary>
    private static readonly Dictionary<string, string> Newer = new()
    {
        ["15-hmac"] = "auth_hmac came with 2.4.2",
    };

    public static TheoryData<string> Samples => [.. Sample.Names];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Keepalived_ComplainsOfTheSameLines(string name)
    {
        if (Newer.TryGetValue(name, out string? reason) && !IsNewer())
            Assert.Skip($"The installed keepalived is older than this sample: {reason}.");
        Sample sample = Sample.Of(name);
        foreach (ImportHost host in sample.Arguments().Hosts)
        {
            ConfigurationText text = ConfigurationText.Read(
                host.Path, new DiskFiles(sample.Folder), host.Node ?? "nobody");
            List<Problem> problems = [.. text.Problems];
            HostReader.Read(host, text, new Ledger(), problems);
            string[] ours = [.. problems.Select(p => $"{Path.GetFileName(p.Place.File)}:{p.Place.Line}").Distinct()
                .Order(StringComparer.Ordinal)];

            (string[] theirs, string output) = Judge(Path.Combine(sample.Folder, host.Path), host.Node ?? "nobody");

            Assert.True(ours.SequenceEqual(theirs), $"ours: {string.Join(' ', ours)}\ntheirs: "
                + $"{string.Join(' ', theirs)}\n{output}\n{string.Join('\n', problems)}");
        }
    }

    [Theory]
    [InlineData("vrrp_instance A {\n interface eth0\n", true)]
    [InlineData(
        "vrrp_instance A {\n interface eth0\n virtual_router_id 5\n virtual_ipaddress {\n 10.0.0.1\n }\n}\n}\n", true)]
    [InlineData("vrrp_instance A\n interface eth0\n}\n", true)]
    [InlineData(
        "vrrp_instance A {\n interface eth0\n virtual_router_id 5\n virtual_ipaddress {\n 10.0.0.1\n }\n "
        + "notify_master \"x\n}\n", true)]
    [InlineData(
        "~SEQ(N, 1, -1, 5) use_pid_dir\nvrrp_instance A {\n interface eth0\n virtual_router_id 5\n virtual_ipaddress "
        + "{\n 10.0.0.1\n }\n}\n", true)]
    [InlineData(
        "includem gone.conf\nvrrp_instance A {\n interface eth0\n virtual_router_id 5\n virtual_ipaddress {\n "
        + "10.0.0.1\n }\n}\n", true)]
    [InlineData(
        "vrrp_instance A {\n interface eth0\n virtual_router_id 5\n virtual_ipaddress {\n 10.0.0.1\n }\n}\n", false)]
    [InlineData("vrrp_instance A { interface eth0\nvirtual_router_id 5\nvirtual_ipaddress\n{ 10.0.0.1 }}", false)]
    [InlineData(
        "$A=5\nvrrp_instance A {\n interface eth0\n virtual_router_id $A\n virtual_ipaddress {\n 10.0.0.1\n }\n}\n",
        false)]
    public void Keepalived_RefusesWhatWeRefuse(string text, bool isRefused)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("vip-import-");
        try
        {
            string file = Path.Combine(folder.FullName, "keepalived.conf");
            File.WriteAllText(file, text);
            bool ours = KeepalivedImport.Run([new ImportHost("keepalived.conf")], new DiskFiles(folder.FullName),
                new ImportOptions()).Errors.Count > 0;
            (int exitCode, string output) = RunKeepalived(file, "nobody");

            Assert.Equal(isRefused, ours);
            Assert.True(isRefused == (exitCode != 0), output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("! /bin/true", true)]
    [InlineData("!/bin/true", true)]
    [InlineData("NAME=value /bin/true", true)]
    [InlineData("/bin/sh -c '! /bin/true'", false)]
    [InlineData("/bin/true | /bin/cat", false)]
    public void Keepalived_RunsWithoutTheChecksThatWeSayItDoes(string command, bool isDisabled)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("vip-import-");
        try
        {
            string file = Path.Combine(folder.FullName, "keepalived.conf");
            File.WriteAllText(
                file,
                $"vrrp_script chk {{\n script \"{command}\"\n}}\nvrrp_instance A {{\n interface eth0\n "
                + "virtual_router_id 5\n virtual_ipaddress {\n 10.0.0.1\n }\n track_script {\n chk\n }\n}\n");
            ImportResult ours = KeepalivedImport.Run([new ImportHost("keepalived.conf")],
                new DiskFiles(folder.FullName), new ImportOptions());
            (_, string output) = RunKeepalived(file, "nobody");

            Assert.Equal(isDisabled, ours.Report.Contains("runs without this check", StringComparison.Ordinal));
            Assert.True(
                isDisabled == output.Contains("Disabling track script chk", StringComparison.Ordinal), output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // "(web1.conf: Line 14) …", and "(Line 14) …" where there is but one file.
    private static (string[] Lines, string Output) Judge(string file, string id)
    {
        (_, string output) = RunKeepalived(file, id);
        return (
            [
                .. Complaint().Matches(output)
                    .Where(m => !Elsewhere.Any(e => m.Groups["what"].Value.StartsWith(e, StringComparison.Ordinal)))
                    .Select(m => $"{Path.GetFileName(m.Groups["file"] is { Success: true, Value: var named } ? named : file)}:{m.Groups["line"].Value}").Distinct().Order(StringComparer.Ordinal),
            ],
            output);
    }

    private static (int ExitCode, string Output) RunKeepalived(string file, string id)
    {
        RequireKeepalived();
        string network = $"vipi-{Environment.ProcessId}-{Environment.CurrentManagedThreadId}";
        try
        {
            Run("ip", "netns", "add", network);
            foreach (string link in Links)
                Run("ip", "-n", network, "link", "add", link, "type", "veth", "peer", "name", $"p-{link}");
            foreach (string link in Links)
                Run("ip", "-n", network, "link", "set", link, "up");
            return Run("ip", "netns", "exec", network, "keepalived", "-t", "-i", id, "-f", file);
        }
        finally
        {
            Run("ip", "netns", "del", network);
        }
    }

    private static void RequireKeepalived()
    {
        if (Environment.UserName != "root")
            Assert.Skip("keepalived's configuration test needs root, for a network namespace.");
        if (!Exists("keepalived") || !Exists("ip"))
            Assert.Skip("keepalived or ip is not installed.");
        string probe = $"vipi-{Environment.ProcessId}-probe";
        (int exitCode, string error) = Run("ip", "netns", "add", probe);
        if (exitCode != 0)
            Assert.Skip($"Network namespaces cannot be made here: {error}");
        Run("ip", "netns", "del", probe);
    }

    private static bool IsNewer()
    {
        if (!Exists("keepalived"))
            return false;
        Match version = VersionNumber().Match(Run("keepalived", "--version").Output);
        return version.Success && new Version(version.Groups[1].Value) >= new Version(2, 4, 2);
    }

    private static bool Exists(string program) =>
        new[] { "/usr/sbin", "/usr/bin", "/sbin", "/bin" }.Any(f => File.Exists(Path.Combine(f, program)));

    private static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        ProcessStartInfo start =
            new(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Result + errors);
    }

    [GeneratedRegex(@"^\(((?<file>[^:()]+): )?Line (?<line>\d+)\) (?<what>.*)", RegexOptions.Multiline)]
    private static partial Regex Complaint();

    [GeneratedRegex(@"Keepalived v(\d+\.\d+\.\d+)")]
    private static partial Regex VersionNumber();
}
