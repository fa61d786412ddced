using System.Globalization;
using System.Text.RegularExpressions;
using VipOperator.Lab.Network;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Bench.Failover.Wire;

/// <summary>Hears all advertisements that reach a host, by tcpdump with the kernel's time stamps.</summary>
internal sealed partial class AdvertCapture : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly Task _reading;
    private readonly Lock _lock = new();
    private readonly List<Advert> _adverts = [];
    private readonly Dictionary<string, Advert> _last = [];
    private readonly bool _keeps;

    private AdvertCapture(ChildProcess process, bool keeps)
    {
        _process = process;
        _keeps = keeps;
        _reading = ReadAsync();
    }

    public IReadOnlyList<Advert> Adverts
    {
        get
        {
            lock (_lock)
                return [.. _adverts];
        }
    }

    /// <param name="keeps">Whether <see cref="Adverts"/> are wanted, and not only the last ones.</param>
    /// <exception cref="ToolException">tcpdump is missing or does not begin.</exception>
    public static async Task<AdvertCapture> StartAsync(
        NetworkSegment segment, NetworkHost host, string folder, CancellationToken cancellation, bool keeps = true)
    {
        Directory.CreateDirectory(folder);
        string errors = Path.Combine(folder, "tcpdump.log");
        AdvertCapture capture = new(ChildProcess.Start(new ChildProcessSpec
        {
            Name = "tcpdump",
            Program = "tcpdump",
            Arguments = ["-i", NetworkHost.Link, "-n", "-tt", "-l", "--immediate-mode", "ip proto 112"],
            Namespace = segment.NamespaceOf(host),
            ErrorFile = errors,
            Niceness = -10,
        }), keeps);
        bool listens = await Wait.UntilAsync(
            () => File.Exists(errors) && File.ReadAllText(errors).Contains("listening on", StringComparison.Ordinal),
            TimeSpan.FromSeconds(20),
            cancellation);
        if (listens)
            return capture;
        await capture.DisposeAsync();
        throw new ToolException("tcpdump does not listen.");
    }

    /// <returns>The last that a host has sent; null: none was heard.</returns>
    public Advert? LastOf(NetworkHost sender)
    {
        lock (_lock)
            return _last.GetValueOrDefault(sender.Address.ToString());
    }

    /// <returns>null: there was none in time.</returns>
    public async Task<Advert?> FirstAsync(Func<Advert, bool> which, TimeSpan bound, CancellationToken cancellation)
    {
        await Wait.UntilAsync(() => Adverts.Any(which), bound, cancellation);
        return Adverts.FirstOrDefault(which);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _reading;
    }

    private async Task ReadAsync()
    {
        while (await _process.Output.ReadLineAsync() is { } line)
        {
            Match match = Line().Match(line);
            if (!match.Success)
                continue;
            long at = long.Parse(
                match.Groups["seconds"].Value + match.Groups["micros"].Value, CultureInfo.InvariantCulture);
            Advert advert = new(at, match.Groups["from"].Value,
                int.Parse(match.Groups["priority"].Value, CultureInfo.InvariantCulture));
            lock (_lock)
            {
                _last[advert.From] = advert;
                if (_keeps)
                    _adverts.Add(advert);
            }
        }
    }

    // 1795436163.116532 IP 192.168.1.103 > 224.0.0.18: VRRPv3, Advertisement, vrid 51, prio 254, intvl 100cs, length 12
    [GeneratedRegex("""^(?<seconds>\d+)\.(?<micros>\d{6}) IP (?<from>[0-9.]+) > .*VRRPv.*prio (?<priority>\d+)""")]
    private static partial Regex Line();
}
