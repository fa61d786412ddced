using System.Security.Cryptography;

namespace VipOperator.Lab.ApiServer.Serving;

/// <summary>The files and tokens that a server hands to its clients.</summary>
internal sealed class ApiServerFolder : IDisposable
{
    private readonly Dictionary<string, string> _tokens;
    private readonly bool _isTemporary;

    public ApiServerFolder(ApiServerOptions options)
    {
        _isTemporary = options.Folder is null;
        FolderPath = options.Folder ?? Directory.CreateTempSubdirectory("vip-lab-api-").FullName;
        Directory.CreateDirectory(FolderPath);
        _tokens = options.AllUsers.ToDictionary(
            u => u.Key, _ => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), StringComparer.Ordinal);
    }

    public string FolderPath { get; }

    public IReadOnlyDictionary<string, string> Tokens => _tokens;

    public string WriteKubeconfig(Uri url, string caPem, string user)
    {
        string name = user == ApiServerOptions.AdministratorName
            ? "kubeconfig"
            : $"kubeconfig-{user.Replace(':', '-')}";
        string path = Path.Combine(FolderPath, name);
        Kubeconfig.Write(path, url, caPem, user, _tokens[user]);
        return path;
    }

    public void Dispose()
    {
        if (_isTemporary && Directory.Exists(FolderPath)) Directory.Delete(FolderPath, recursive: true);
    }
}
