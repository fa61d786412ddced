using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Running;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Netns.Tests;

/// <summary>One line of a plot: its labels, and its values by seconds since 1970.</summary>
internal sealed record Series(
    IReadOnlyDictionary<string, string> Labels, IReadOnlyList<(double Time, double Value)> Points);

/// <summary>
/// A real Prometheus on the lab's client. It scrapes the sidecars over the network, and the operator, which is outside
/// the lab's networks, by a relay of two processes that share a Unix socket.
/// </summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private const string Listen = "127.0.0.1:9090";
    private const string OperatorAsSeen = "127.0.0.1:8080";

    private readonly LabProgram _lab;
    private readonly string _folder = Directory.CreateTempSubdirectory("viplab-prometheus-").FullName;
    private readonly List<ChildProcess> _processes = [];
    private readonly HttpClient _http;
    private ChildProcess? _wayToOperator;
    private int? _operator;

    private PrometheusServer(LabProgram lab)
    {
        _lab = lab;
        string socket = Path.Combine(_folder, "prometheus.sock");
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                Socket connection = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
                return new NetworkStream(connection, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri("http://prometheus/"),
        };
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LabState State => LabState.Read(_lab.Folder)!;

    /// <param name="rules">What it is to evaluate, each second.</param>
    public static async Task<PrometheusServer> StartAsync(LabProgram lab, string rules)
    {
        PrometheusServer server = new(lab);
        string At(string file) => Path.Combine(server._folder, file);
        await File.WriteAllTextAsync(At("rules.yaml"), rules, Cancellation);
        await File.WriteAllTextAsync(
            At("prometheus.yaml"),
            $$"""
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: [rules.yaml]
            scrape_configs:
              - job_name: sidecars
                honor_labels: true
                static_configs: [{targets: ["192.168.1.103:9441", "192.168.1.104:9441"]}]
              - job_name: operator
                honor_labels: true
                static_configs: [{targets: ["{{OperatorAsSeen}}"]}]
            """,
            Cancellation);
        string client = server.State.Client;
        server.Start("prometheus", client, "prometheus",
            $"--config.file={At("prometheus.yaml")}", $"--storage.tsdb.path={At("data")}",
            $"--web.listen-address={Listen}");
        server.Start(
            "way to prometheus", client, "socat", $"UNIX-LISTEN:{At("prometheus.sock")},fork", $"TCP:{Listen}");
        server.Start("way to the operator", client, "socat", $"TCP-LISTEN:8080,bind=127.0.0.1,fork,reuseaddr",
            $"UNIX-CONNECT:{At("operator.sock")}");
        await server.FollowOperatorAsync();
        return server;
    }

    /// <summary>
    /// Leads the relay to where the operator listens now; it takes another port each time that it starts.
    /// </summary>
    public async Task FollowOperatorAsync()
    {
        int? now = State.OperatorProcess;
        if (now == _operator || now is null)
            return;
        string sockets = await Tool.RunAsync("ss", ["-Hltnp"], Cancellation);
        string? line = sockets.Split('\n').FirstOrDefault(l => l.Contains($",pid={now},", StringComparison.Ordinal));
        if (line is null)
            return;
        if (_wayToOperator is { } old && _processes.Remove(old))
            await old.DisposeAsync();
        string address = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        string socket = Path.Combine(_folder, "operator.sock");
        _wayToOperator = Start(
            "way from the operator", null, "socat", $"UNIX-LISTEN:{socket},fork,unlink-early", $"TCP:{address}");
        _operator = now;
    }

    /// <summary>The names of the alerts that fire.</summary>
    public async Task<IReadOnlySet<string>> FiringAsync()
    {
        await FollowOperatorAsync();
        JsonNode? answer = await AskAsync("api/v1/alerts");
        return (answer?["alerts"]!.AsArray() ?? [])
            .Where(a => a!["state"]!.GetValue<string>() == "firing")
            .Select(a => a!["labels"]!["alertname"]!.GetValue<string>())
            .ToHashSet();
    }

    /// <summary>Whether the query has an answer that is not 0.</summary>
    public async Task<bool> HoldsAsync(string query)
    {
        await FollowOperatorAsync();
        JsonNode? answer = await AskAsync("api/v1/query?query=" + Uri.EscapeDataString(query));
        return (answer?["result"]!.AsArray() ?? []).Any(s => s!["value"]![1]!.GetValue<string>() != "0");
    }

    /// <summary>What a panel would show.</summary>
    public async Task<IReadOnlyList<Series>> RangeAsync(string query, DateTimeOffset from, DateTimeOffset to)
    {
        string range = $"&start={from.ToUnixTimeSeconds()}&end={to.ToUnixTimeSeconds()}&step=1";
        JsonNode? answer = await AskAsync("api/v1/query_range?query=" + Uri.EscapeDataString(query) + range);
        return
        [
            .. (answer?["result"]!.AsArray() ?? []).Select(s => new Series(
                s!["metric"]!.AsObject().ToDictionary(l => l.Key, l => l.Value!.GetValue<string>()),
                [
                    .. s["values"]!.AsArray().Select(v => (
                        v![0]!.GetValue<double>(), double.Parse(
                            v[1]!.GetValue<string>(), CultureInfo.InvariantCulture))),
                ])),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ChildProcess process in _processes.AsEnumerable().Reverse())
            await process.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <returns>null: there was no answer, as before it listens.</returns>
    private async Task<JsonNode?> AskAsync(string path)
    {
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(path, Cancellation);
            string text = await response.Content.ReadAsStringAsync(Cancellation);
            JsonNode answer = JsonNode.Parse(text)!;
            Assert.True(answer["status"]?.GetValue<string>() == "success", $"{path}: {text}");
            return answer["data"];
        }
        catch (Exception e) when (e is HttpRequestException or System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private ChildProcess Start(string name, string? ns, string program, params string[] arguments)
    {
        ChildProcess process = ChildProcess.Start(new ChildProcessSpec
        {
            Name = name,
            Program = Tool.Find(program)!,
            Arguments = arguments,
            Namespace = ns,
            LogFile = Path.Combine(_folder, $"{_processes.Count}.log"),
            WorkingDirectory = _folder,
        });
        _processes.Add(process);
        return process;
    }
}
