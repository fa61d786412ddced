using System.Collections.Immutable;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>By this a router is known again in a later configuration.</summary>
internal readonly record struct RouterKey(string Name, IpFamily Family)
{
    public static RouterKey Of(RouterConfiguration configuration) =>
        new(configuration.Name, configuration.Parameters.Family);
}

/// <summary>What to do with the running routers to get to a configuration; in this order.</summary>
/// <param name="Stopped">Routers that end, or that are followed by another one of the same key.</param>
/// <param name="Updated">Routers that go on, perhaps with other parameters.</param>
/// <param name="Started">New ones.</param>
/// <param name="Problems">What is not done, and why.</param>
internal sealed record ConfigurationDiff(
    ImmutableArray<RouterKey> Stopped,
    ImmutableArray<RouterConfiguration> Updated,
    ImmutableArray<RouterConfiguration> Started,
    ImmutableArray<ConfigureProblem> Problems)
{
    /// <summary>
    /// Compares. A configuration that is wrong leaves the router that runs under its key as it is: better an old
    /// configuration than an outage.
    /// </summary>
    /// <param name="moves">
    /// Whether a router whose link is named otherwise than before really comes to another one.
    /// </param>
    public static ConfigurationDiff Between(
        IReadOnlyList<RouterConfiguration> running, ImmutableArray<RouterConfiguration> wanted,
        Func<RouterConfiguration, bool> moves)
    {
        Dictionary<RouterKey, RouterConfiguration> runningByKey = running.ToDictionary(RouterKey.Of);
        HashSet<RouterKey> seen = [];
        Dictionary<IpAddress, string> owners = [];
        var stopped = ImmutableArray.CreateBuilder<RouterKey>();
        var updated = ImmutableArray.CreateBuilder<RouterConfiguration>();
        var started = ImmutableArray.CreateBuilder<RouterConfiguration>();
        var problems = ImmutableArray.CreateBuilder<ConfigureProblem>();
        foreach (RouterConfiguration configuration in wanted)
        {
            RouterKey key = RouterKey.Of(configuration);
            if (!seen.Add(key))
            {
                problems.Add(new ConfigureProblem(
                    configuration.Handle, $"{key.Name} has more than one router for IPv{(int)key.Family}"));
                continue;
            }

            bool runs = runningByKey.TryGetValue(key, out RouterConfiguration? current);
            if (FindProblem(configuration, owners) is { } problem)
            {
                problems.Add(new ConfigureProblem(configuration.Handle, problem));
                if (runs)
                    updated.Add(current! with { Handle = configuration.Handle });
                continue;
            }

            if (runs && !IsAnother(current!, configuration, moves))
            {
                updated.Add(configuration);
                continue;
            }

            if (runs)
                stopped.Add(key);
            started.Add(configuration);
        }

        stopped.AddRange(running.Select(RouterKey.Of).Where(key => !seen.Contains(key)));
        return new ConfigurationDiff(
            stopped.ToImmutable(), updated.ToImmutable(), started.ToImmutable(), problems.ToImmutable());
    }

    private static string? FindProblem(RouterConfiguration configuration, Dictionary<IpAddress, string> owners)
    {
        if (!configuration.Parameters.TryValidate(out string? reason))
            return reason;
        foreach (IpPrefix address in configuration.Parameters.Addresses)
        {
            if (!owners.TryAdd(address.Address, configuration.Name))
                return $"addresses: {address.Address} is an address of {owners[address.Address]} as well";
        }

        return null;
    }

    // On the wire it is another router: the old one resigns under its own id, link and version.
    private static bool IsAnother(
        RouterConfiguration before, RouterConfiguration after, Func<RouterConfiguration, bool> moves) =>
        before.Parameters.VirtualRouterId != after.Parameters.VirtualRouterId
        || before.Parameters.Version != after.Parameters.Version
        || (before.InterfaceName != after.InterfaceName && moves(after));
}
