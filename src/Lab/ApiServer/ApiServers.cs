using VipOperator.Lab.ApiServer.Serving;

namespace VipOperator.Lab.ApiServer;

/// <summary>Starts API servers.</summary>
public static class ApiServers
{
    /// <summary>Names the folder that holds the programs kube-apiserver and etcd, as envtest uses it.</summary>
    public const string AssetsVariable = "KUBEBUILDER_ASSETS";

    /// <summary>A real kube-apiserver when <see cref="AssetsVariable"/> is set, else the embedded one.</summary>
    /// <exception cref="FileNotFoundException">The variable is set and the folder lacks a program.</exception>
    public static async Task<IApiServer> StartAsync(ApiServerOptions? options = null)
    {
        string? assets = Environment.GetEnvironmentVariable(AssetsVariable);
        if (string.IsNullOrEmpty(assets)) return await StartEmbeddedAsync(options);
        foreach (string program in new[] { "kube-apiserver", "etcd" })
        {
            if (!File.Exists(Path.Combine(assets, program)))
                throw new FileNotFoundException($"{AssetsVariable} is {assets}, and there is no {program} in it.");
        }
        return await RealApiServer.StartAsync(assets, options ?? new ApiServerOptions());
    }

    /// <summary>The embedded server.</summary>
    public static async Task<IApiServer> StartEmbeddedAsync(ApiServerOptions? options = null) =>
        await EmbeddedApiServer.StartAsync(options ?? new ApiServerOptions());
}
