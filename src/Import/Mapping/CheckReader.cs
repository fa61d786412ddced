namespace VipOperator.Import;

/// <summary>Reads vrrp_script and vrrp_track_process blocks.</summary>
internal sealed class CheckReader(Complaints complaints)
{
    private readonly Ledger _ledger = complaints.Ledger;

    public Check ReadScript(Directive block)
    {
        Check check = new(block.Argument, TrackKind.Script, block);
        foreach (Directive directive in Known(block))
        {
            switch (directive.Name)
            {
                case "script":
                    check.Subject = directive;
                    break;
                case "interval":
                    check.Interval = Seconds(directive) ?? check.Interval;
                    break;
                case "timeout":
                    check.Timeout = Seconds(directive) ?? check.Timeout;
                    break;
                case "weight":
                    ReadWeight(check, directive, 253);
                    break;
                case "rise":
                    check.Rise = Count(directive, "rise") ?? new Sourced<int>(1, null);
                    break;
                case "fall":
                    check.Fall = Count(directive, "fall") ?? new Sourced<int>(1, null);
                    break;
                case "user":
                    _ledger.Left(directive, "No script is run, so no user has to be named.");
                    break;
                case "init_fail":
                    _ledger.Mapped(directive, "A member is a Backup until its probe passes.");
                    break;
            }
        }

        return check;
    }

    public Check ReadProcess(Directive block)
    {
        Check check = new(block.Argument, TrackKind.Process, block);
        foreach (Directive directive in Known(block))
        {
            switch (directive.Name)
            {
                case "process" when check.Subject is null:
                    check.Subject = directive;
                    break;
                case "process":
                    complaints.Refuse(directive, "a process is named already; keepalived leaves this one out");
                    break;
                case "weight":
                    ReadWeight(check, directive, 254);
                    break;
                case "delay" or "terminate_delay":
                    check.Delay = Seconds(directive) ?? check.Delay;
                    break;
                case "fork_delay":
                    _ledger.Approximated(directive, "A process that comes back counts after successThreshold probes.");
                    break;
                case "quorum":
                    check.Quorum = Count(directive, "quorum");
                    if (check.Quorum is { Value: 1 })
                        _ledger.Mapped(directive, "One process is enough.");
                    break;
                default:
                    _ledger.Left(
                        directive, "The service is asked for an answer; how its process was started plays no part.");
                    break;
            }
        }

        return check;
    }

    private IEnumerable<Directive> Known(Directive block)
    {
        foreach (Directive directive in block.Children)
        {
            if (directive.Kind == DirectiveKind.Known)
                yield return directive;
            else
                complaints.LeaveUnknown(directive);
        }
    }

    private void ReadWeight(Check check, Directive directive, int most)
    {
        if (Numbers.TryReadBeginning(directive.Argument, -most, most, out long weight))
        {
            check.Weight = new Sourced<int>((int)weight, directive);
        }
        else
        {
            complaints.Refuse(directive, $"the weight must be −{most} to {most}");
        }

        check.IsReversed = directive.Words.Count > 2 && directive.Words[2] == "reverse";
        if (directive.Words.Count > 2 && !check.IsReversed)
            complaints.Note(directive,
                $"keepalived knows no {directive.Words[2]} behind the weight and goes on without the word");
    }

    private Sourced<decimal>? Seconds(Directive directive)
    {
        if (Numbers.TryReadSeconds(directive.Argument, out decimal seconds))
        {
            if (seconds > 0)
                return new Sourced<decimal>(seconds, directive);
            complaints.Note(directive, $"the {directive.Name} must be more than 0; keepalived takes 1 second");
            return new Sourced<decimal>(1, directive);
        }

        complaints.Refuse(directive, $"the {directive.Name} is no number of seconds; keepalived leaves it out");
        return null;
    }

    private Sourced<int>? Count(Directive directive, string name)
    {
        if (Numbers.TryReadBeginning(directive.Argument, 1, int.MaxValue, out long count))
            return new Sourced<int>((int)count, directive);
        complaints.Note(directive, $"{name} must be 1 or more; keepalived takes 1");
        _ledger.Left(directive, "keepalived does not take it and goes on with 1.");
        return null;
    }
}
