namespace VipOperator.Lab.ApiServer;

/// <summary>
/// A Kubernetes API server under our control: the embedded one, or a real kube-apiserver with its etcd.
/// </summary>
public interface IApiServer : IAsyncDisposable
{
    /// <summary><c>https://127.0.0.1:port</c>.</summary>
    Uri Url { get; }

    /// <summary>The certificate authority of its serving certificate, PEM.</summary>
    string CaCertificate { get; }

    /// <summary>
    /// A real kube-apiserver. It has no controllers: nothing is garbage collected, no namespace is emptied.
    /// </summary>
    bool IsReal { get; }

    /// <summary>A kubeconfig file with the administrator's token.</summary>
    string KubeconfigPath { get; }

    /// <summary>The bearer token of a user.</summary>
    /// <exception cref="KeyNotFoundException">No such user was asked for at the start.</exception>
    string TokenOf(string user = ApiServerOptions.AdministratorName);

    /// <summary>Writes a kubeconfig file for a user and gives its path.</summary>
    string WriteKubeconfig(string user);

    /// <summary>Stops serving and keeps what is stored: an outage.</summary>
    Task PauseAsync();

    /// <summary>Serves again, on the same address, what was stored before.</summary>
    Task ResumeAsync();
}
