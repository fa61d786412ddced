namespace VipOperator.Sidecar.Netns.Tests.Support;

/// <summary>Says aloud what a test needs and this machine lacks.</summary>
internal static class Requirements
{
    private static readonly Lazy<string?> NamespaceProblem = new(FindNamespaceProblem);

    public static bool HasIPv6 => Directory.Exists("/proc/sys/net/ipv6");

    public static void Check(params string[] programs)
    {
        if (Environment.UserName != "root")
            Assert.Skip("Network namespaces need root.");
        foreach (string program in programs.Append("ip").Append("socat"))
        {
            if (!Command.Exists(program))
                Assert.Skip($"{program} is not installed.");
        }

        if (NamespaceProblem.Value is { } problem)
            Assert.Skip($"Network namespaces cannot be made here: {problem}");
    }

    /// <summary>Skips a test of an IPv6 address where the kernel has no IPv6.</summary>
    public static void CheckFamily(string address)
    {
        if (address.Contains(':', StringComparison.Ordinal) && !HasIPv6)
            Assert.Skip("This kernel has no IPv6.");
    }

    private static string? FindNamespaceProblem()
    {
        string name = $"vips-{Environment.ProcessId}-probe";
        (int exitCode, _, string error) = Command.Try("ip", "netns", "add", name);
        if (exitCode != 0)
            return error;
        _ = Command.Try("ip", "netns", "del", name);
        return null;
    }
}
