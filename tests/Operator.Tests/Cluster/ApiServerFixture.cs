using VipOperator.Lab.ApiServer;

[assembly: AssemblyFixture(typeof(VipOperator.Operator.Tests.Cluster.ApiServerFixture))]

namespace VipOperator.Operator.Tests.Cluster;

/// <summary>
/// One API server with our definitions for all tests: the embedded one, or a real one when the environment names its
/// programs.
/// </summary>
public sealed class ApiServerFixture : IAsyncLifetime
{
    private int _clusters;

    public IApiServer Server { get; private set; } = null!;

    public TestApi Api { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await ApiServers.StartAsync();
        Api = new TestApi(Server);
        await Api.InstallDefinitionsAsync();
    }

    /// <summary>A namespace and nodes of its own for a test, so that tests do not meet.</summary>
    public Task<TestCluster> NewClusterAsync() =>
        TestCluster.CreateAsync(Server, Api, $"t{Interlocked.Increment(ref _clusters)}");

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Server.DisposeAsync();
    }
}
