using VipOperator.Lab.Network;
using VipOperator.Lab.Processes;

namespace VipOperator.Lab.Cluster;

/// <summary>The nginx of one node: Debian's own program, with files of its own. It answers with the node's
/// address.</summary>
internal static class Nginx
{
    /// <param name="folder">For its configuration and files; made when absent.</param>
    /// <param name="checkLog">Gets a line with the time, in seconds since 1970, of each request that comes from the
    /// node itself; null: nobody notes them.</param>
    public static ChildProcessSpec Prepare(
        string ns, NetworkHost host, string folder, string logFile, string? checkLog = null)
    {
        Directory.CreateDirectory(folder);
        string configuration = Path.Combine(folder, "nginx.conf");
        File.WriteAllText(configuration, ConfigurationOf(host, folder, checkLog));
        return new ChildProcessSpec
        {
            Name = $"nginx of {host.Name}",
            Program = "nginx",
            Arguments = ["-e", "stderr", "-p", folder, "-c", configuration],
            Namespace = ns,
            LogFile = logFile,
        };
    }

    private static string ConfigurationOf(NetworkHost host, string folder, string? checkLog)
    {
        string log = checkLog is null
            ? "access_log off;"
            : $"map $remote_addr $is_check {{ 127.0.0.1 1; {host.Address} 1; default 0; }} log_format check $msec; "
                + $"access_log {checkLog} check if=$is_check;";
        string v6 = File.Exists("/proc/net/if_inet6") ? "listen [::]:80;" : "";
        return $$"""
            # The load is a few hundred requests a second; one worker answers in the order of arrival.
            worker_processes 1;
            daemon off;
            user root;
            pid {{folder}}/nginx.pid;
            error_log stderr notice;
            events { worker_connections 1024; }
            http {
                {{log}}
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
                server {
                    listen 80;
                    {{v6}}
                    location / {
                        default_type text/plain;
                        return 200 "{{host.Address}}\n";
                    }
                }
            }

            """;
    }
}
