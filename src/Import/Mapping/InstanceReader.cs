using System.Text;

namespace VipOperator.Import;

/// <summary>Reads a vrrp_instance with the values that keepalived would run it with.</summary>
internal sealed class InstanceReader
{
    /// <summary>Link names in Linux: IFNAMSIZ less its end.</summary>
    private const int LongestLinkName = 15;

    /// <summary>What keepalived sends of a password.</summary>
    private const int PasswordBytes = 8;

    private readonly Instance _instance;
    private readonly Ledger _ledger;
    private readonly List<Problem> _problems;
    private readonly Dictionary<string, Directive> _last = new(StringComparer.Ordinal);

    private InstanceReader(Instance instance, Ledger ledger, List<Problem> problems) =>
        (_instance, _ledger, _problems) = (instance, ledger, problems);

    public static Instance Read(HostConfiguration host, Directive block, Ledger ledger, List<Problem> problems)
    {
        Instance instance = new(host, block.Argument, block);
        InstanceReader reader = new(instance, ledger, problems);
        foreach (Directive directive in block.Children)
        {
            if (directive.Kind == DirectiveKind.Unknown)
            {
                ledger.Left(
                    directive, "It is no keyword of keepalived's in this place, so keepalived runs without it; see what was meant.", decide: true);
            }
            else
            {
                reader.Read(directive);
            }
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
                if (Value(directive).Length > LongestLinkName)
                    Refuse(directive, $"a link's name has at most {LongestLinkName} characters; keepalived leaves it out");
                else if (Keep(directive))
                    _instance.InterfaceName = new Sourced<string>(directive.Argument, directive);
                break;
            case "virtual_router_id":
                if (TryNumber(directive, 1, 255, "the virtual router id must be 1 to 255; keepalived leaves it out", out int id))
                    _instance.RouterId = new Sourced<int>(id, directive);
                break;
            case "priority":
                // What is no priority becomes the default.
                bool isPriority = TryNumber(
                    directive, 1, 255, $"the priority must be 1 to 255; keepalived takes {Instance.DefaultPriority}", out int priority);
                _instance.WrittenPriority = new Sourced<int>(isPriority ? priority : Instance.DefaultPriority, isPriority ? directive : null);
                break;
            case "version":
                ReadVersion(directive);
                break;
            case "advert_int":
                ReadInterval(directive);
                break;
            case "authentication":
                ReadAuthentication(directive);
                break;
            case "auth_hmac":
                HmacReader.Read(_instance, directive, _ledger, _problems);
                break;
            case "virtual_ipaddress" or "virtual_ipaddress_excluded":
                ReadAddresses(directive);
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
                if (Numbers.TryReadSeconds(Value(directive), out decimal delay) && delay <= 1000)
                    _instance.PreemptDelay = new Sourced<decimal>(delay, directive);
                else
                    Refuse(directive, "the delay must be 0 to 1000 seconds; keepalived takes 0");
                break;
            case "garp_master_refresh":
                if (Numbers.TryReadBeginning(Value(directive), 0, uint.MaxValue, out long refresh))
                    _instance.AnnouncementRefresh = new Sourced<long>(refresh, directive);
                else
                    Refuse(directive, "the number of seconds is not one; keepalived takes 0");
                break;
            case "unicast_peer":
                ReadPeers(directive);
                break;
            case "unicast_src_ip" or "mcast_src_ip":
                if (AddressLine.TryParse(Value(directive), out System.Net.IPAddress source) && IsOfFamily(source))
                    _instance.SourceAddress = directive;
                else
                    Refuse(directive, $"{directive.Argument} is no address of the instance's family; keepalived leaves it out");
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
                ReadTracks(directive, directive.Name == "track_script" ? TrackKind.Script : TrackKind.Process);
                break;
            case "track_interface":
                // Judged when the instance's own link is known.
                _ledger.Mapped(directive, "Its lines follow.");
                break;
            case "track_file":
                _ledger.LeftWhole(
                    directive, "No file is watched; to have a node hand its addresses over, annotate it with vipoperator.io/evacuate=true.", decide: true);
                break;
            case "track_bfd":
                _ledger.LeftWhole(directive, "There is no BFD; a shorter advertisementInterval notices a dead node as soon.", decide: true);
                break;
            case "lvs_sync_daemon_interface":
                Note(directive, "keepalived wants this in global_defs, as lvs_sync_daemon");
                Put(directive);
                break;
            case "virtual_routes" or "virtual_rules":
                _ledger.LeftWhole(
                    directive, "Routes and rules do not move with the addresses; give them to every node, or leave them to the network.", decide: true);
                break;
            default:
                Put(directive);
                break;
        }
    }

    private void ReadState(Directive directive)
    {
        string word = Value(directive);
        if (word == "MASTER")
        {
            _instance.StartsAsMaster = true;
        }
        else if (word == "BACKUP" && _instance.StartsAsMaster)
        {
            Refuse(directive, "the state was MASTER already; keepalived leaves this BACKUP out");
            return;
        }
        else
        {
            _instance.StartsAsMaster = false;
            if (word != "BACKUP")
                Note(directive, $"keepalived knows no state {word} and takes it as BACKUP");
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
            Refuse(directive, "IPv6 has version 3; keepalived leaves it out");
        else
            _instance.WrittenVersion = new Sourced<int>(version, directive);
    }

    private void ReadInterval(Directive directive)
    {
        if (Numbers.TryReadSeconds(Value(directive), out decimal seconds) && seconds is >= 0.01m and <= 255)
        {
            Keep(directive);
            _instance.Interval = new Sourced<decimal>(seconds, directive);
        }
        else
        {
            Refuse(directive, "the interval must be 0.01 to 255 seconds; keepalived leaves it out");
        }
    }

    private void ReadAuthentication(Directive block)
    {
        _ledger.Mapped(block, "Its lines follow.");
        Directive? type = null;
        Directive? password = null;
        foreach (Directive directive in block.Children)
        {
            if (directive.Kind == DirectiveKind.Unknown)
            {
                _ledger.Left(directive, "It is no keyword of keepalived's in this place.", decide: true);
            }
            else if (directive.Name == "auth_type")
            {
                if (Value(directive) is "PASS" or "AH")
                    type = directive;
                else
                    Refuse(directive, $"keepalived knows no authentication {directive.Argument}; it leaves it out");
            }
            else if (Value(directive).Length > 0)
            {
                if (password is not null)
                    Override(password, directive);
                password = directive;
                if (Encoding.UTF8.GetByteCount(directive.Argument) > PasswordBytes)
                    Note(directive, $"keepalived takes the first {PasswordBytes} characters of the password alone");
            }
        }

        DecideAuthentication(type, password);
    }

    private void DecideAuthentication(Directive? type, Directive? password)
    {
        if (type?.Argument == "AH")
        {
            _ledger.Left(type, "There is no AH authentication; take auth_type PASS, or HMAC, on all hosts first.", decide: true);
            if (password is not null)
                _ledger.Left(password, "It belongs to auth_type AH.");
        }
        else if (type is null && password is not null)
        {
            _ledger.Left(password, "keepalived uses no password without an auth_type.");
        }
        else if (type is not null && password is null)
        {
            _ledger.Left(type, "keepalived uses no authentication without an auth_pass.");
        }
        else if (type is not null && password is not null)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(password.Argument);
            string value = bytes.Length <= PasswordBytes ? password.Argument : Encoding.UTF8.GetString(bytes.AsSpan(0, PasswordBytes));
            _instance.Credential = new Credential(IsHmac: false, value, password);
            _ledger.Mapped(type, "It becomes vrrp.authentication.type Simple.");
            if (bytes.Length > PasswordBytes)
                _ledger.Approximated(password, $"It is the Secret's value, cut to {PasswordBytes} bytes: keepalived sends no more of it.");
            else
                _ledger.Mapped(password, "It is the Secret's value.");
        }
    }

    private void ReadAddresses(Directive block)
    {
        bool excluded = block.Name != "virtual_ipaddress";
        _ledger.Mapped(block, "Its lines follow.");
        foreach (Directive line in block.Children)
        {
            string text = line.Name;
            int slash = text.IndexOf('/', StringComparison.Ordinal);
            if (!AddressLine.TryParse(slash < 0 ? text : text[..slash], out System.Net.IPAddress address))
            {
                Refuse(line, $"{text} is no address; keepalived leaves it out");
                continue;
            }

            bool isIPv6 = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
            int longest = isIPv6 ? 128 : 32;
            int length = longest;
            if (slash >= 0)
            {
                if (Numbers.TryRead(text[(slash + 1)..], 0, longest, out long written))
                    length = (int)written;
                else
                    Note(line, $"/{text[(slash + 1)..]} is no prefix length; keepalived takes /{longest}");
            }

            AddressLine parsed = new(line, address, length, AddressOptions.Read(line, isIPv6, length, _problems, out bool isRefused));
            if (isRefused)
            {
                _ledger.Left(line, "keepalived does not take this line, so it has no address of it.", decide: true);
            }
            else if (!excluded && !IsOfFamily(address))
            {
                Refuse(line, $"{text} is not of the family of the instance's first address; keepalived leaves it out");
            }
            else if (_instance.Addresses.Concat(_instance.Excluded).Any(a => a.Address.Equals(address)))
            {
                _ledger.Left(line, "The address stands above already.");
            }
            else
            {
                (excluded ? _instance.Excluded : _instance.Addresses).Add(parsed);
            }
        }
    }

    private void ReadPeers(Directive block)
    {
        _ledger.Mapped(block, "It becomes vrrp.transport Unicast; the operator keeps each member's list of peers.");
        foreach (Directive line in block.Children)
        {
            if (AddressLine.TryParse(line.Name, out System.Net.IPAddress peer) && IsOfFamily(peer))
            {
                _instance.Peers.Add(line);
                if (line.Words.Count > 1)
                    _ledger.Approximated(line, "The peer is a member's node; TTLs other than 255 are never taken in.");
                else
                    _ledger.Mapped(line, "The operator puts each other member's node there.");
            }
            else
            {
                Refuse(line, $"{line.Name} is no address of the instance's family; keepalived leaves it out");
            }
        }
    }

    private void ReadTimeToLive(Directive directive)
    {
        if (!TryNumber(directive, 0, 255, "the TTL must be 0 to 255; keepalived leaves it out", out int hops))
            return;
        if (hops == 255)
            _ledger.Mapped(directive, "Advertisements are sent with it, and only such are taken in.");
        else
            _ledger.Left(directive, "Advertisements are sent with TTL 255 and only such are taken in: the members must be on one link.", decide: true);
    }

    private void ReadTracks(Directive block, TrackKind kind)
    {
        _ledger.Mapped(block, "Its lines follow.");
        foreach (Directive line in block.Children)
        {
            if (!_instance.Host.Checks.ContainsKey((kind, line.Name)))
            {
                Note(line, $"there is no {line.Name} above this line; keepalived leaves it out");
                _ledger.Left(
                    line,
                    $"keepalived runs without it, for nothing of that name is defined above; put it above and import again, or write spec.probe.",
                    decide: true);
                continue;
            }

            if (_instance.Tracks.Any(t => t.Kind == kind && t.Name == line.Name))
            {
                Refuse(line, $"{line.Name} is tracked already; keepalived leaves it out");
                continue;
            }

            int? weight = null;
            if (line.Words.Count > 1)
            {
                if (line.Argument != "weight" || line.Words.Count == 2)
                {
                    Refuse(line, $"only a weight may follow {line.Name}; keepalived leaves the line out");
                    continue;
                }

                if (Numbers.TryReadBeginning(line.Words[2], -254, 254, out long written))
                    weight = (int)Math.Clamp(written, -253, 253);
                else
                    Note(line, "the weight must be −253 to 253; keepalived takes the check's own");
            }

            _instance.Tracks.Add(new Track(line, kind, line.Name, weight));
        }
    }

    // The first address of any kind decides.
    private bool IsOfFamily(System.Net.IPAddress address)
    {
        bool isIPv6 = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        _instance.IsIPv6 ??= isIPv6;
        return _instance.IsIPv6 == isIPv6;
    }

    private bool TryNumber(Directive directive, int least, int most, string problem, out int number)
    {
        bool isOne = Numbers.TryRead(Value(directive), least, most, out long value);
        number = (int)value;
        if (!isOne)
            Refuse(directive, problem);
        else
            Keep(directive);
        return isOne;
    }

    // keepalived ends at once when a keyword that needs a value has none.
    private string Value(Directive directive)
    {
        if (directive.Argument.Length == 0)
            _problems.Add(new Problem(directive.Place, $"{directive.Name} has no value", IsFatal: true));
        return directive.Argument;
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
        _ledger.Left(before, $"The {directive.Name} in line {directive.Place.Line} counts instead.");

    private void Put(Directive directive)
    {
        Sentence sentence = Sentences.OfInstance(directive.Name)
            ?? new Sentence(Outcome.Left, "Nothing in a VirtualIP is like it.", NeedsDecision: true);
        if (sentence.Outcome == Outcome.Mapped)
            _ledger.Mapped(directive, sentence.Text);
        else if (sentence.Outcome == Outcome.Approximated)
            _ledger.Approximated(directive, sentence.Text, sentence.NeedsDecision);
        else
            _ledger.Left(directive, sentence.Text, sentence.NeedsDecision);
    }

    private void Note(Directive directive, string message) => _problems.Add(new Problem(directive.Place, message, IsFatal: false));

    private void Refuse(Directive directive, string message)
    {
        Note(directive, message);
        _ledger.Left(directive, message.StartsWith("keepalived", StringComparison.Ordinal) ? message + "." : $"{char.ToUpperInvariant(message[0])}{message[1..]}.", decide: true);
    }
}
