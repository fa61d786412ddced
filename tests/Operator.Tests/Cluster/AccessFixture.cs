using VipOperator.Lab.ApiServer;

namespace VipOperator.Operator.Tests.Cluster;

/// <summary>
/// An API server with what lies in deploy/, and the namespace "apps" whose service account nginx may do what a sidecar
/// may.
/// </summary>
public sealed class AccessFixture : IAsyncLifetime
{
    public const string Operator = "system:serviceaccount:vip-operator:vip-operator";
    public const string Sidecar = "system:serviceaccount:apps:nginx";

    public IApiServer Server { get; private set; } = null!;

    public TestApi Api { get; private set; } = null!;

    public TestCluster Apps { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await ApiServers.StartAsync(new ApiServerOptions
        {
            Users = new Dictionary<string, string[]>
            {
                [Operator] = ["system:serviceaccounts", "system:serviceaccounts:vip-operator"],
                [Sidecar] = ["system:serviceaccounts", "system:serviceaccounts:apps"],
            },
        });
        Api = new TestApi(Server);
        await Api.InstallDefinitionsAsync();
        await Api.InstallDeploymentAsync();
        Apps = await TestCluster.CreateAsync(Server, Api, "apps");
        await Apps.AddNodeAsync("a", "192.168.1.103");
        Answer account = await Api.PostYamlAsync(
            "/api/v1/namespaces/apps/serviceaccounts",
            "{apiVersion: v1, kind: ServiceAccount, metadata: {name: nginx}}");
        Assert.True(account.Succeeded, account.Message);
        Answer binding = await Api.PostYamlAsync(
            "/apis/rbac.authorization.k8s.io/v1/namespaces/apps/rolebindings",
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: vip-sidecar}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: vip-sidecar}
            subjects: [{kind: ServiceAccount, name: nginx, namespace: apps}]
            """);
        Assert.True(binding.Succeeded, binding.Message);
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Server.DisposeAsync();
    }
}
