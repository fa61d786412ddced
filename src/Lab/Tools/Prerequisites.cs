namespace VipOperator.Lab.Tools;

/// <summary>What a lab needs on the machine.</summary>
internal static class Prerequisites
{
    private static readonly (string Program, string Package)[] System =
    [
        ("ip", "iproute2"), ("nginx", "nginx-light"), ("kubectl", "kubernetes-client"),
        ("curl", "curl"), ("tcpdump", "tcpdump"),
        ("setsid", "util-linux"), ("setpriv", "util-linux"), ("nice", "coreutils"), ("sh", "dash"),
    ];

    private static readonly string[] Ours = ["vip-operator", "vip-sidecar", "vip-agent"];

    /// <exception cref="ToolException">Something is missing; the message says how to get it.</exception>
    public static void Require(string programs)
    {
        string[] packages = [.. System.Where(s => Tool.Find(s.Program) is null).Select(s => s.Package).Distinct()];
        if (packages.Length > 0)
            throw new ToolException(
                $"The lab needs programs that are not installed: apt-get install {string.Join(' ', packages)}");
        string[] missing = [.. Ours.Where(p => !File.Exists(Path.Combine(programs, p)))];
        if (missing.Length > 0)
            throw new ToolException(
                $"{string.Join(", ", missing)}: not in {programs}. 'make build' puts them into artifacts/bin; --bin "
                + $"names another folder.");
    }
}
