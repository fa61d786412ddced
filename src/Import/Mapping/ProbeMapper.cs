using System.Globalization;
using VipOperator.Api;

namespace VipOperator.Import;

/// <summary>Makes the one probe that a VirtualIP has of the checks that an instance follows.</summary>
internal sealed class ProbeMapper(IConfigurationFiles files, ImportOptions options, Ledger ledger)
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestSpan = TimeSpan.FromHours(1);

    private const string IgnoredInGroup =
        "keepalived follows no check with a weight in a sync group, so it moved nothing there; here it becomes "
        + "onFailure: Demote and moves the addresses.";

    private const string ClearedInGroup =
        "It becomes onFailure: Release: keepalived clears a group's weight where a member of the group has priority "
        + "255.";

    private const int MostThreshold = 100;
    private const int MostWeight = 253;

    /// <summary>Ranks are one apart, so less than this would leave two members equal.</summary>
    private const int LeastWeight = 2;

    /// <summary>Lines of sync groups, which speak of several VirtualIPs, by what became of them.</summary>
    private readonly HashSet<Directive> _taken = [];
    private readonly HashSet<Directive> _left = [];

    /// <param name="instance">Whose checks.</param>
    /// <param name="gap">How much better than the next host the best one is.</param>
    /// <param name="highest">The best member's priority, from which a weight is taken.</param>
    /// <returns>null: nothing is probed.</returns>
    public ProbeSpec? Map(Instance instance, int gap, int highest)
    {
        Track? chosen = null;
        Recognition? recognition = null;
        Dictionary<Track, string> reasons = [];
        foreach (Track track in instance.Tracks)
        {
            Check check = instance.Host.Checks[(track.Kind, track.Name)];
            string? why = "It counts reversed, and a probe cannot.";
            Recognition? found = check.IsReversed || track.From.Words.Contains("reverse")
                ? null
                : Recognise(check, out why);
            reasons[track] = why ?? "What it looks at could not be told.";
            // nginx itself goes before whatever else is looked at.
            if (found is not null
                && (chosen is null || (recognition!.Target.Process is not null && found.Target.Process is null)))
                (chosen, recognition) = (track, found);
        }

        foreach (Track track in instance.Tracks)
        {
            if (track == chosen)
                continue;
            Check check = instance.Host.Checks[(track.Kind, track.Name)];
            string reason = chosen is null
                ? $"{reasons[track]} Write spec.probe, for without one a node whose nginx is dead keeps the addresses."
                : $"A VirtualIP has one probe, and that is {chosen.Name}'s; see whether it covers this too.";
            ledger.Left(track.From, reason, decide: true);
            if (track.Group is not null)
                _left.Add(track.From);
            LeaveCheck(check, reason, decide: chosen is null);
        }

        return chosen is null
            ? null
            : Make(instance, chosen, instance.Host.Checks[(chosen.Kind, chosen.Name)], recognition!, gap, highest);
    }

    /// <summary>When all is mapped: says of a sync group's check that not all of its VirtualIPs have it.</summary>
    public void SayParted()
    {
        foreach (Directive line in _taken.Where(_left.Contains))
        {
            ledger.Approximated(
                line, "It becomes spec.probe of some of the group's VirtualIPs; the others have another check as their "
                    + "one probe.", decide: true);
        }
    }

    /// <summary>Says of a check that nobody follows that it is not taken over.</summary>
    public void LeaveUnused(Check check)
    {
        if (!ledger.Has(check.Block))
            LeaveCheck(check, "No instance follows it.", decide: false);
    }

    private void LeaveCheck(Check check, string reason, bool decide)
    {
        if (!ledger.Has(check.Block))
            ledger.LeftWhole(check.Block, reason, decide);
    }

    private Recognition? Recognise(Check check, out string? reason)
    {
        reason = null;
        if (check.Subject is not { } subject)
            return null;
        if (check.Kind == TrackKind.Process)
            return check.Quorum is { Value: > 1 } ? null : Recogniser.OfProcess(subject.Argument, options.CheckPort);
        List<string> words = Command(subject);
        return words.Count == 0 || words[0].Length == 0
            ? null
            : Recogniser.OfCommand(words, options.CheckPort, ScriptText(subject, words), out reason);
    }

    // The second word is the command with its parameters. Without quotes keepalived runs the first of them alone, which
    // nobody means.
    private static List<string> Command(Directive subject)
    {
        List<string> line = Words.SplitCommand(subject.Text, resolves: false) ?? [];
        return line.Count < 2 ? [] : [.. Words.SplitCommand(line[1], resolves: true) ?? [], .. line.Skip(2)];
    }

    // A script of the same name beside the file that names it.
    private string? ScriptText(Directive subject, List<string> words)
    {
        if (Recogniser.ScriptOf(words) is not { } script || script.EndsWith('/'))
            return null;
        string file = subject.Place.File;
        return files.Read(file[..(file.LastIndexOf('/') + 1)] + script[(script.LastIndexOf('/') + 1)..]).Text;
    }

    private ProbeSpec Make(Instance instance, Track track, Check check, Recognition recognition, int gap, int highest)
    {
        ledger.Mapped(check.Block, "It becomes spec.probe.");
        ledger.Mapped(track.From, $"{track.Name} becomes spec.probe.");
        if (track.Group is not null)
            _taken.Add(track.From);
        if (recognition.IsExact)
            ledger.Mapped(check.Subject!, recognition.Sentence);
        else
            ledger.Approximated(check.Subject!, recognition.Sentence, recognition.NeedsDecision);

        TimeSpan interval = check.Interval is { } i
            ? Limited(i, "interval", ShortestInterval, LongestSpan)
            : TimeSpan.FromSeconds(1);
        bool isCleared = IsCleared(instance, track);
        int weight = isCleared ? 0 : instance.WeightOf(track);
        Directive? weightFrom = track.Weight is null ? check.Weight?.From : track.From;
        if (check.Weight?.From is { } own && own != weightFrom)
            ledger.Left(own, $"The weight in line {track.From.Place.Line} counts instead.");
        // It must leave something of the priority.
        int taken = Math.Min(Math.Clamp(Math.Abs(weight), LeastWeight, MostWeight), highest - 1);
        bool demotes = weight != 0 && taken > 0;
        if (weightFrom is not null && isCleared)
            ledger.Approximated(weightFrom, ClearedInGroup);
        else if (weightFrom is not null)
            SayWeight(weightFrom, weight, taken, gap);
        if (weightFrom is not null && demotes && IsIgnored(instance, track))
            ledger.Approximated(weightFrom, IgnoredInGroup, decide: true);
        return recognition.Target with
        {
            Interval = Durations.Whole(interval),
            Timeout = Durations.Whole(Timeout(check, recognition)),
            FailureThreshold = Threshold(check.Fall, "failureThreshold"),
            SuccessThreshold = Threshold(check.Rise, "successThreshold"),
            RestartGrace = Grace(check, recognition),
            OnFailure = demotes ? ProbeFailureAction.Demote : ProbeFailureAction.Release,
            Weight = demotes ? taken : null,
        };
    }

    // An instance's own in a group; the group's are followed whatever their weight.
    private static bool IsIgnored(Instance instance, Track track) => track.Group is null
        && instance.Host.SyncGroups.Any(g => g.IgnoresWeights && g.Instances.Any(i => i.Name == instance.Name));

    private static bool IsCleared(Instance instance, Track track) =>
        track.Group is { } group && instance.WeightOf(track) != 0
        && instance.Host.Instances.Any(
            i => i.Priority == Instance.OwnerPriority && group.Instances.Any(m => m.Name == i.Name));

    private TimeSpan Timeout(Check check, Recognition recognition)
    {
        if (check.Timeout is { } written)
            return Limited(written, "timeout", ShortestTimeout, LongestTimeout);
        return recognition.Timeout is { } seconds and > 0
            ? Durations.Clamp(Durations.Of(seconds), ShortestTimeout, LongestTimeout)
            : TimeSpan.FromSeconds(1);
    }

    private GatewayDuration Grace(Check check, Recognition recognition)
    {
        if (check.Delay is { } delay)
            return Durations.Whole(Limited(delay, "restartGrace", TimeSpan.Zero, LongestSpan));
        return recognition.RestartGrace is { } seconds ? GatewayDuration.FromSeconds(seconds) : GatewayDuration.Zero;
    }

    // Of a track's own weight the line says both.
    private void SayWeight(Directive from, int weight, int taken, int gap)
    {
        string name = from.Name == "weight" ? "It becomes" : $"{from.Name} becomes spec.probe, with";
        if (weight == 0)
        {
            ledger.Mapped(from, $"{name} onFailure: Release.");
            return;
        }

        if (taken <= 0)
        {
            ledger.Approximated(from, $"{name} onFailure: Release, for no weight could be taken from a priority of 1.");
            return;
        }

        if (gap >= Math.Abs(weight) && gap > 0)
        {
            ledger.Approximated(
                from,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} onFailure: Demote with weight {taken}. In keepalived a failing check moved nothing, for "
                    + $"the next host is worse by {gap}; here it moves the addresses."),
                decide: true);
        }
        else if (weight < 0 && taken == -weight)
        {
            ledger.Mapped(from, $"{name} onFailure: Demote with weight {taken}.");
        }
        else if (weight < 0)
        {
            ledger.Approximated(from, $"{name} onFailure: Demote with weight {taken}: ranks are one apart, and "
                + $"something must be left of the priority.");
        }
        else
        {
            ledger.Approximated(
                from,
                $"{name} onFailure: Demote with weight {taken}: keepalived adds {weight} while the check passes, here "
                + $"it is taken off while it fails.");
        }
    }

    private TimeSpan Limited(Sourced<decimal> written, string field, TimeSpan least, TimeSpan most)
    {
        TimeSpan wanted = Durations.Of(written.Value);
        TimeSpan value = Durations.Clamp(wanted, least, most);
        if (written.From is null)
            return value;
        if (value == wanted)
            ledger.Mapped(written.From, $"It becomes probe.{field}: {Durations.Whole(value)}.");
        else
            ledger.Approximated(
                written.From, $"It becomes probe.{field}: {Durations.Whole(value)}, which is as far as that goes.");
        return value;
    }

    private int Threshold(Sourced<int>? written, string field)
    {
        if (written is null)
            return 1;
        int value = Math.Min(written.Value, MostThreshold);
        if (written.From is null)
            return value;
        if (value == written.Value)
            ledger.Mapped(written.From, $"It becomes probe.{field}.");
        else
            ledger.Approximated(written.From, $"It becomes probe.{field}: {value}, which is as far as that goes.");
        return value;
    }
}
