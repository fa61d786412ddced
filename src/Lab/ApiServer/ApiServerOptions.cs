using VipOperator.Lab.ApiServer.Access;

namespace VipOperator.Lab.ApiServer;

/// <summary>Settings of an API server for tests and the lab.</summary>
public sealed record ApiServerOptions
{
    /// <summary>TCP port on the loopback address; 0 lets the system choose.</summary>
    public int Port { get; init; }

    /// <summary>
    /// Where certificates and kubeconfig files go; made if missing. Null: a temporary folder that goes at the end.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>Also listens (TLS as well) on this Unix socket, by which other network namespaces are let in.</summary>
    public string? SocketPath { get; init; }

    /// <summary>
    /// Users besides the administrator <c>admin</c>: user name → groups. Each gets a token of its own.
    /// </summary>
    public IReadOnlyDictionary<string, string[]> Users { get; init; } = new Dictionary<string, string[]>();

    /// <summary>How often a watch that allows bookmarks gets one (the real server: about once a minute).</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Changes kept per resource for watches that come back.</summary>
    public int HistoryCapacity { get; init; } = 4096;

    public const string AdministratorName = "admin";

    internal IEnumerable<KeyValuePair<string, string[]>> AllUsers =>
        [KeyValuePair.Create(AdministratorName, new[] { UserInfo.Administrators }), .. Users];
}
