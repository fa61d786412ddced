using System.Text.Json;
using Microsoft.Extensions.Logging;
using VipOperator.Api;

namespace VipOperator.Agent.Probes;

/// <summary>
/// One prober for all members that probe the same in the same way. Not thread-safe: the coordinator's lock guards it.
/// </summary>
internal sealed class ProberPool(ProbeTargets targets, TimeProvider time, ILogger log, Action<Prober> changed)
    : IDisposable
{
    private readonly Dictionary<string, (Prober Prober, int Users)> _probers = new(StringComparer.Ordinal);

    /// <summary>What makes two probes the same: all but what a failure leads to.</summary>
    public static string? KeyOf(ProbeSpec? spec) => spec is null ? null : JsonSerializer.Serialize(
        spec with { OnFailure = ProbeFailureAction.Release, Weight = null }, ApiJsonContext.Default.ProbeSpec);

    /// <param name="key">Of <see cref="KeyOf"/>; for <see cref="Release"/>.</param>
    public Prober Acquire(string key, ProbeSpec spec)
    {
        if (_probers.TryGetValue(key, out (Prober Prober, int Users) known))
        {
            _probers[key] = (known.Prober, known.Users + 1);
            return known.Prober;
        }

        Prober prober = new(Create(spec), ProbeTiming.Of(spec), time, log, changed);
        _probers[key] = (prober, 1);
        prober.Start();
        return prober;
    }

    public void Release(string? key)
    {
        if (key is null || !_probers.TryGetValue(key, out (Prober Prober, int Users) known))
            return;
        if (known.Users > 1)
        {
            _probers[key] = (known.Prober, known.Users - 1);
            return;
        }

        known.Prober.Dispose();
        _probers.Remove(key);
    }

    public void TargetsChanged()
    {
        foreach ((Prober prober, _) in _probers.Values)
            prober.TargetChanged();
    }

    public void Dispose()
    {
        foreach ((Prober prober, _) in _probers.Values)
            prober.Dispose();
        _probers.Clear();
    }

    private IProbe Create(ProbeSpec spec) =>
        spec.Http is { } http ? new HttpProbe(targets, http)
        : spec.Tcp is { } tcp ? new TcpProbe(targets, tcp)
        : new ProcessProbe(spec.Process!);
}
