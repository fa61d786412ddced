namespace VipOperator.Import;

/// <summary>Reads what one host's directives mean, and says so of each that no other host has a say in.</summary>
internal sealed class HostReader
{
    private readonly HostConfiguration _host;
    private readonly Ledger _ledger;
    private readonly Complaints _complaints;
    private readonly CheckReader _checks;

    private HostReader(HostConfiguration host, Ledger ledger, List<Problem> problems)
    {
        (_host, _ledger, _complaints) = (host, ledger, new Complaints(ledger, problems));
        _checks = new CheckReader(_complaints);
    }

    /// <param name="host">Who.</param>
    /// <param name="text">What its files say.</param>
    /// <param name="ledger">Takes what became of each directive.</param>
    /// <param name="problems">Takes what keepalived complains about.</param>
    public static HostConfiguration Read(ImportHost host, ConfigurationText text, Ledger ledger, List<Problem> problems)
    {
        HostConfiguration configuration = new(host, text);
        HostReader reader = new(configuration, ledger, problems);
        foreach (Directive directive in text.Directives)
            reader.ReadTop(directive);
        foreach (SyncGroup group in configuration.SyncGroups)
            FollowForGroup(configuration, group, ledger);
        return configuration;
    }

    private void ReadTop(Directive directive)
    {
        if (directive.Kind == DirectiveKind.Unknown)
        {
            _complaints.LeaveUnknown(directive);
            return;
        }

        if (directive.Children.Count > 0 && directive.Children.All(c => c.Kind == DirectiveKind.Skipped)
            && directive.Name is not ("virtual_server" or "virtual_server_group" or "SSL" or "bfd_instance"))
        {
            _ledger.LeftWhole(directive, "keepalived skips this block.", decide: true);
            return;
        }

        switch (directive.Name)
        {
            case "global_defs":
                ReadGlobal(directive);
                break;
            case "vrrp_instance":
                _host.Instances.Add(InstanceReader.Read(_host, directive, _complaints));
                break;
            case "vrrp_sync_group":
                ReadSyncGroup(directive);
                break;
            case "vrrp_script":
                AddCheck(_checks.ReadScript(directive));
                break;
            case "vrrp_track_process":
                AddCheck(_checks.ReadProcess(directive));
                break;
            default:
                LeaveTop(directive);
                break;
        }
    }

    private void AddCheck(Check check) => _host.Checks[(check.Kind, check.Name)] = check;

    private void LeaveTop(Directive directive)
    {
        switch (directive.Name)
        {
            case "virtual_server" or "virtual_server_group" or "SSL":
                _ledger.LeftWhole(
                    directive,
                    "Load balancing to other servers (LVS) is a Service's work; only the virtual addresses come over.",
                    decide: directive.Name == "virtual_server");
                break;
            case "bfd_instance":
                _ledger.LeftWhole(directive,
                    "There is no BFD; a shorter advertisementInterval notices a dead node as soon.", decide: true);
                break;
            case "track_file" or "vrrp_track_file":
                _ledger.LeftWhole(
                    directive,
                    "No file is watched; to have a node hand its addresses over, annotate it with "
                    + "vipoperator.io/evacuate=true.",
                    decide: true);
                break;
            case "static_ipaddress" or "static_routes" or "static_rules" or "track_group":
                _ledger.LeftWhole(directive,
                    "What each host always has, the host's own network configuration has to give it.", decide: true);
                break;
            case "garp_group":
                _ledger.LeftWhole(directive, "The sidecar spaces its announcements by itself.");
                break;
            default:
                LeaveSetting(directive);
                break;
        }
    }

    private void LeaveSetting(Directive directive)
    {
        if (Sentences.OfGlobal(directive.Name) is { } sentence)
            Put(directive, sentence);
        else
            _ledger.LeftWhole(directive, "The sidecar watches the links by netlink and needs no such list.");
        foreach (Directive value in directive.Descendants.Where(d => !_ledger.Has(d)))
            _ledger.Left(value, $"It belongs to {directive.Name} in line {directive.Place.Line}.");
    }

    private void ReadGlobal(Directive block)
    {
        _ledger.Mapped(block, "Its lines follow.");
        foreach (Directive directive in block.Children)
        {
            if (directive.Kind == DirectiveKind.Unknown)
                _complaints.LeaveUnknown(directive);
            else
                ReadGlobal(directive.Name, directive);
        }
    }

    private void ReadGlobal(string name, Directive directive)
    {
        switch (name)
        {
            case "vrrp_version":
                if (Numbers.TryRead(directive.Argument, 2, 3, out long version))
                {
                    _host.Version = new Sourced<int>((int)version, directive);
                    _ledger.Mapped(directive,
                        "It becomes vrrp.version of the IPv4 instances that name none; IPv6 has version 3 anyway.");
                }
                else
                {
                    _complaints.Note(directive, "the version must be 2 or 3; keepalived leaves it out");
                    _ledger.Left(directive, "keepalived knows no such version and goes on with 2.");
                }

                break;
            case "vrrp_garp_master_refresh":
                if (Numbers.TryReadBeginning(directive.Argument, 0, uint.MaxValue, out long seconds))
                {
                    _host.AnnouncementRefresh = new Sourced<long>(seconds, directive);
                    _ledger.Mapped(directive, "It becomes vrrp.announcementRefresh of the instances that name none.");
                }
                else
                {
                    _complaints.Note(directive, "the number of seconds is not one; keepalived leaves it out");
                    _ledger.Left(directive, "keepalived does not take it.");
                }

                break;
            case "vrrp_strict":
                _host.Strict = directive;
                _ledger.Approximated(
                    directive,
                    "It forbids what the RFC does not know (passwords, unicast) in keepalived; here the manifests "
                    + "say what is used.");
                break;
            case "vrrp_mcast_group4" or "vrrp_mcast_group6":
                ReadGroup(directive);
                break;
            default:
                Put(directive, Sentences.OfGlobal(name)!);
                foreach (Directive value in directive.Children)
                    _ledger.Approximated(value, $"It belongs to {name} in line {directive.Place.Line}.");
                break;
        }
    }

    private void ReadGroup(Directive directive)
    {
        if (directive.Argument is "224.0.0.18" or "ff02::12")
            _ledger.Mapped(directive, "It is the group of the RFC, which the members use.");
        else
            _ledger.Left(directive, "The members speak to 224.0.0.18 and ff02::12 alone, so they hear nobody who "
                + "uses another group.", decide: true);
    }

    private void ReadSyncGroup(Directive block)
    {
        List<(string, Directive)> instances = [];
        List<Track> tracks = [];
        foreach (Directive directive in block.Children)
        {
            if (directive.Kind == DirectiveKind.Unknown)
            {
                _complaints.LeaveUnknown(directive);
            }
            else if (directive.Name == "group" && instances.Count == 0)
            {
                foreach (Directive line in directive.Children)
                    instances.AddRange(line.Words.Select(w => (w, line)));
                _ledger.Mapped(directive, "The list is told of below.");
            }
            else if (directive.Name is "track_script" or "track_process")
            {
                TrackReader.Read(_host, directive, tracks, _complaints);
            }
            else if (Sentences.OfTracked(directive.Name) is { } tracked)
            {
                _ledger.LeftWhole(directive, tracked, decide: true);
            }
            else if (Sentences.OfGroup(directive.Name) is { } sentence)
            {
                Put(directive, sentence);
            }
            else
            {
                _ledger.LeftWhole(directive, "keepalived skips this block.", decide: true);
            }
        }

        if (instances.Count == 0)
        {
            _complaints.Note(block, $"the group {block.Argument} has no instances; keepalived leaves it out");
            _ledger.Left(block, "It has no instances.");
        }

        foreach (Track track in tracks)
            _ledger.Left(track.From, "None of the group's instances comes over.");
        _host.SyncGroups.Add(new SyncGroup(block.Argument, block, instances, tracks));
    }

    private static void FollowForGroup(HostConfiguration host, SyncGroup group, Ledger ledger)
    {
        foreach (Instance instance in host.Instances.Where(i => group.Instances.Any(m => m.Name == i.Name)))
        {
            foreach (Track track in group.Tracks)
            {
                int own = instance.Tracks.FindIndex(t => t.Kind == track.Kind && t.Name == track.Name);
                if (own < 0)
                {
                    instance.Tracks.Add(track with { Group = group });
                }
                else if (group.IgnoresWeights && instance.WeightOf(instance.Tracks[own]) != 0)
                {
                    ledger.Left(
                        instance.Tracks[own].From,
                        $"keepalived follows no check with a weight in a sync group; the group's own line "
                        + $"{track.From.Place.Line} counts.");
                    instance.Tracks[own] = track with { Group = group };
                }
                else if (!host.Instances.Any(i => i.Tracks.Any(t => t.From == track.From)))
                {
                    ledger.Left(track.From, $"{instance.Name} follows {track.Name} for itself, and that line counts.");
                }
            }
        }
    }

    private void Put(Directive directive, Sentence sentence)
    {
        if (sentence.Outcome == Outcome.Mapped)
            _ledger.Mapped(directive, sentence.Text);
        else if (sentence.Outcome == Outcome.Approximated)
            _ledger.Approximated(directive, sentence.Text, sentence.NeedsDecision);
        else
            _ledger.Left(directive, sentence.Text, sentence.NeedsDecision);
    }
}
