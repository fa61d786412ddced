using VipOperator.Lab.ApiServer.Serving;

namespace VipOperator.Lab.ApiServer;

/// <summary>Starts API servers.</summary>
public static class ApiServers
{
    /// <summary>The embedded server.</summary>
    public static async Task<IApiServer> StartEmbeddedAsync(ApiServerOptions? options = null) =>
        await EmbeddedApiServer.StartAsync(options ?? new ApiServerOptions());
}
