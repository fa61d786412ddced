namespace VipOperator.Import;

/// <summary>Reads a vrrp_instance with the values that keepalived would run it with.</summary>
internal sealed class InstanceReader
{
    /// <summary>Link names in Linux: IFNAMSIZ less its end.</summary>
    private const int LongestLinkName = 15;

    private readonly Instance _instance;
    private readonly Complaints _complaints;
    private readonly Dictionary<string, Directive> _last = new(StringComparer.Ordinal);

    private InstanceReader(Instance instance, Complaints complaints) =>
        (_instance, _complaints) = (instance, complaints);

    private Ledger Ledger => _complaints.Ledger;

    public static Instance Read(HostConfiguration host, Directive block, Complaints complaints)
    {
        Instance instance = new(host, block.Argument, block);
        InstanceReader reader = new(instance, complaints);
        foreach (Directive directive in block.Children)
        {
            if (directive.Kind == DirectiveKind.Unknown)
                complaints.LeaveUnknown(directive);
            else
                reader.Read(directive);
        }

        return instance;
    }

    private void Read(Directive directive)
    {
        switch (directive.Name)
        {
            case "state":
                ReadState(directive);
                break;
            case "interface":
                if (_complaints.Value(directive).Length > LongestLinkName)
                    _complaints.Refuse(
                        directive, $"a link's name has at most {LongestLinkName} characters; keepalived leaves it out");
                else if (Keep(directive))
                    _instance.InterfaceName = new Sourced<string>(directive.Argument, directive);
                break;
            case "virtual_router_id":
                if (TryNumber(
                    directive, 1, 255, "the virtual router id must be 1 to 255; keepalived leaves it out", out int id))
                    _instance.RouterId = new Sourced<int>(id, directive);
                break;
            case "priority":
                // What is no priority becomes the default.
                bool isPriority = TryNumber(
                    directive, 1, 255,
                    $"the priority must be 1 to 255; keepalived takes {Instance.DefaultPriority}", out int priority);
                _instance.WrittenPriority =
                    new Sourced<int>(isPriority ? priority : Instance.DefaultPriority, isPriority ? directive : null);
                break;
            case "version":
                ReadVersion(directive);
                break;
            case "advert_int":
                ReadInterval(directive);
                break;
            case "authentication":
                PasswordReader.Read(_instance, directive, _complaints);
                break;
            case "auth_hmac":
                HmacReader.Read(_instance, directive, _complaints);
                break;
            case "virtual_ipaddress" or "virtual_ipaddress_excluded":
                AddressReader.Read(_instance, directive, _complaints);
                break;
            default:
                ReadRest(directive);
                break;
        }
    }

    private void ReadRest(Directive directive)
    {
        switch (directive.Name)
        {
            case "nopreempt":
                _instance.NoPreempt = directive;
                break;
            case "preempt":
                _instance.NoPreempt = null;
                Put(directive);
                break;
            case "preempt_delay":
                if (Numbers.TryReadSeconds(_complaints.Value(directive), out decimal delay) && delay <= 1000)
                    _instance.PreemptDelay = new Sourced<decimal>(delay, directive);
                else
                    _complaints.Refuse(directive, "the delay must be 0 to 1000 seconds; keepalived takes 0");
                break;
            case "garp_master_refresh":
                if (Numbers.TryReadBeginning(_complaints.Value(directive), 0, uint.MaxValue, out long refresh))
                    _instance.AnnouncementRefresh = new Sourced<long>(refresh, directive);
                else
                    _complaints.Refuse(directive, "the number of seconds is not one; keepalived takes 0");
                break;
            case "unicast_peer":
                ReadPeers(directive);
                break;
            case "unicast_src_ip" or "mcast_src_ip":
                if (AddressLine.TryParse(_complaints.Value(directive), out System.Net.IPAddress source)
                    && _instance.IsOfFamily(source))
                    _instance.SourceAddress = directive;
                else
                    _complaints.Refuse(directive,
                        $"{directive.Argument} is no address of the instance's family; keepalived leaves it out");
                break;
            case "unicast_ttl":
                ReadTimeToLive(directive);
                break;
            case "native_ipv6":
                _instance.IsIPv6 ??= true;
                Put(directive);
                break;
            case "use_vmac":
                _instance.VirtualMac = directive;
                break;
            case "track_script" or "track_process":
                TrackReader.Read(_instance.Host, directive, _instance.Tracks, _complaints);
                break;
            case "track_interface":
                // Judged when the instance's own link is known.
                Ledger.Mapped(directive, "Its lines follow.");
                break;
            case "track_file" or "track_bfd":
                Ledger.LeftWhole(directive, Sentences.OfTracked(directive.Name)!, decide: true);
                break;
            case "lvs_sync_daemon_interface":
                _complaints.Note(directive, "keepalived wants this in global_defs, as lvs_sync_daemon");
                Put(directive);
                break;
            case "virtual_routes" or "virtual_rules":
                Ledger.LeftWhole(
                    directive, "Routes and rules do not move with the addresses; give them to every node, or leave "
                        + "them to the network.", decide: true);
                break;
            default:
                Put(directive);
                break;
        }
    }

    private void ReadState(Directive directive)
    {
        string word = _complaints.Value(directive);
        if (word == "MASTER")
        {
            _instance.StartsAsMaster = true;
        }
        else if (word == "BACKUP" && _instance.StartsAsMaster)
        {
            _complaints.Refuse(directive, "the state was MASTER already; keepalived leaves this BACKUP out");
            return;
        }
        else
        {
            _instance.StartsAsMaster = false;
            if (word != "BACKUP")
                _complaints.Note(directive, $"keepalived knows no state {word} and takes it as BACKUP");
        }

        if (_instance.State is { } before)
            Override(before, directive);
        _instance.State = directive;
    }

    private void ReadVersion(Directive directive)
    {
        if (!TryNumber(directive, 2, 3, "the version must be 2 or 3; keepalived leaves it out", out int version))
            return;
        if (version == 2 && _instance.IsIPv6 == true)
            _complaints.Refuse(directive, "IPv6 has version 3; keepalived leaves it out");
        else
            _instance.WrittenVersion = new Sourced<int>(version, directive);
    }

    private void ReadInterval(Directive directive)
    {
        if (Numbers.TryReadSeconds(_complaints.Value(directive), out decimal seconds) && seconds is >= 0.01m and <= 255)
        {
            Keep(directive);
            _instance.Interval = new Sourced<decimal>(seconds, directive);
        }
        else
        {
            _complaints.Refuse(directive, "the interval must be 0.01 to 255 seconds; keepalived leaves it out");
        }
    }

    private void ReadPeers(Directive block)
    {
        Ledger.Mapped(block, "It becomes vrrp.transport Unicast; the operator keeps each member's list of peers.");
        foreach (Directive line in block.Children)
        {
            if (AddressLine.TryParse(line.Name, out System.Net.IPAddress peer) && _instance.IsOfFamily(peer))
            {
                _instance.Peers.Add(line);
                if (line.Words.Count > 1)
                    Ledger.Approximated(line, "The peer is a member's node; TTLs other than 255 are never taken in.");
                else
                    Ledger.Mapped(line, "The operator puts each other member's node there.");
            }
            else
            {
                _complaints.Refuse(
                    line, $"{line.Name} is no address of the instance's family; keepalived leaves it out");
            }
        }
    }

    private void ReadTimeToLive(Directive directive)
    {
        if (!TryNumber(directive, 0, 255, "the TTL must be 0 to 255; keepalived leaves it out", out int hops))
            return;
        if (hops == 255)
            Ledger.Mapped(directive, "Advertisements are sent with it, and only such are taken in.");
        else
            Ledger.Left(directive, "Advertisements are sent with TTL 255 and only such are taken in: the members must "
                + "be on one link.", decide: true);
    }

    private bool TryNumber(Directive directive, int least, int most, string problem, out int number)
    {
        bool isOne = Numbers.TryRead(_complaints.Value(directive), least, most, out long value);
        number = (int)value;
        if (!isOne)
            _complaints.Refuse(directive, problem);
        else
            Keep(directive);
        return isOne;
    }

    // Of several lines of a kind the last one counts.
    private bool Keep(Directive directive)
    {
        if (_last.TryGetValue(directive.Name, out Directive? before))
            Override(before, directive);
        _last[directive.Name] = directive;
        return true;
    }

    private void Override(Directive before, Directive directive) =>
        Ledger.Left(before, $"The {directive.Name} in line {directive.Place.Line} counts instead.");

    private void Put(Directive directive)
    {
        Sentence sentence = Sentences.OfInstance(directive.Name)
            ?? new Sentence(Outcome.Left, "Nothing in a VirtualIP is like it.", NeedsDecision: true);
        if (sentence.Outcome == Outcome.Mapped)
            Ledger.Mapped(directive, sentence.Text);
        else if (sentence.Outcome == Outcome.Approximated)
            Ledger.Approximated(directive, sentence.Text, sentence.NeedsDecision);
        else
            Ledger.Left(directive, sentence.Text, sentence.NeedsDecision);
    }
}
