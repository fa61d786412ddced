using System.Globalization;
using VipOperator.Sidecar.Netns.Tests.Support;

namespace VipOperator.Faults.Netns.Tests.Staging;

/// <summary>A stage whose members probe a real nginx on their node.</summary>
internal sealed class Website : IAsyncDisposable
{
    private const string Probe =
        """
          probe:
            http: {port: 80}
            interval: 200ms
            timeout: 200ms
            failureThreshold: 3
            successThreshold: 1
        """;

    private Website(Stage stage, NodeNginx first, NodeNginx second) => (Stage, First, Second) = (stage, first, second);

    public Stage Stage { get; }

    public NodeNginx First { get; }

    private NodeNginx Second { get; }

    public static async Task<Website> Set()
    {
        NodeNginx? first = null;
        NodeNginx? second = null;
        try
        {
            Stage stage = await Stage.Set(
                extra: Probe,
                prepare: s =>
                {
                    first = new NodeNginx(s.Network.First, s.FolderOf("nginx-first"));
                    second = new NodeNginx(s.Network.Second, s.FolderOf("nginx-second"));
                    first.Start();
                    second.Start();
                    return Task.CompletedTask;
                },
                programs: ["nginx"]);
            return new Website(stage, first!, second!);
        }
        catch
        {
            first?.Dispose();
            second?.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        First.Dispose();
        Second.Dispose();
        await Stage.DisposeAsync();
    }
}

/// <summary>A real nginx on a node, at port 80 of all its addresses.</summary>
internal sealed class NodeNginx : IDisposable
{
    private readonly Node _node;
    private readonly string _folder;

    public NodeNginx(Node node, string folder)
    {
        (_node, _folder) = (node, folder);
        // Root stays root: the folder is not for others.
        File.WriteAllText(
            Path.Combine(folder, "nginx.conf"),
            $$"""
            user root;
            worker_processes 2;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log;
            events {}
            http {
              access_log off;
              client_body_temp_path {{folder}}; proxy_temp_path {{folder}}; fastcgi_temp_path {{folder}};
              uwsgi_temp_path {{folder}}; scgi_temp_path {{folder}};
              server { listen 80; location / { return 200 "{{node.Address}}\n"; } }
            }
            """);
    }

    public void Start()
    {
        File.Delete(Path.Combine(_folder, "nginx.pid"));
        Command.Run(
            "ip", "netns", "exec", _node.Namespace, "nginx", "-p", _folder, "-c", Path.Combine(_folder, "nginx.conf"));
    }

    /// <summary>To the master, which would start other workers, and its workers.</summary>
    public void Signal(string name) => Send(name, [Master(), .. Workers()]);

    public void Reload() => Send("HUP", Master());

    public int[] Workers()
    {
        string children = $"/proc/{Master()}/task/{Master()}/children";
        return File.Exists(children)
            ? [.. File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Number)]
            : [];
    }

    public void Dispose()
    {
        if (!File.Exists(Path.Combine(_folder, "nginx.pid")))
            return;
        foreach (int process in new[] { Master() }.Concat(Workers()))
            _ = Command.Try("kill", "-KILL", Speaker.Id(process));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static void Send(string signal, params int[] processes) =>
        Command.Run("kill", [$"-{signal}", .. processes.Select(Speaker.Id)]);

    private int Master() => Number(File.ReadAllText(Path.Combine(_folder, "nginx.pid")));
}
