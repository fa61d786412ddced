using System.Text;

namespace VipOperator.Lab.ApiServer.Serving;

/// <summary>Writes kubeconfig files.</summary>
internal static class Kubeconfig
{
    /// <summary>Only the owner may read it: it holds a token.</summary>
    public static void Write(string path, Uri server, string caPem, string user, string token)
    {
        string authority = Convert.ToBase64String(Encoding.UTF8.GetBytes(caPem));
        string text =
            $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: vip-lab
              cluster:
                server: {server.ToString().TrimEnd('/')}
                certificate-authority-data: {authority}
            users:
            - name: {user}
              user:
                token: {token}
            contexts:
            - name: vip-lab
              context: {"{"}cluster: vip-lab, user: {user}{"}"}
            current-context: vip-lab

            """;
        File.Delete(path);
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using StreamWriter writer = new(path, new UTF8Encoding(false), options);
        writer.Write(text);
    }
}
