namespace VipOperator.Import;

/// <summary>Reads a track_script or track_process block, of an instance or of a sync group.</summary>
internal static class TrackReader
{
    /// <param name="host">Whose checks there are, as far as they stand above the block.</param>
    /// <param name="block">The block.</param>
    /// <param name="tracks">What is followed already; takes what the block adds.</param>
    /// <param name="complaints">Takes what keepalived complains about.</param>
    public static void Read(HostConfiguration host, Directive block, List<Track> tracks, Complaints complaints)
    {
        TrackKind kind = block.Name == "track_script" ? TrackKind.Script : TrackKind.Process;
        complaints.Ledger.Mapped(block, "Its lines follow.");
        foreach (Directive line in block.Children)
        {
            if (!host.Checks.ContainsKey((kind, line.Name)))
            {
                complaints.Note(line, $"there is no {line.Name} above this line; keepalived leaves it out");
                complaints.Ledger.Left(
                    line,
                    $"keepalived runs without it, for nothing of that name is defined above; put it above and import "
                    + $"again, or write spec.probe.",
                    decide: true);
            }
            else if (tracks.Any(t => t.Kind == kind && t.Name == line.Name))
            {
                complaints.Refuse(line, $"{line.Name} is tracked already; keepalived leaves it out");
            }
            else if (line.Words.Count > 1 && (line.Argument != "weight" || line.Words.Count == 2))
            {
                complaints.Refuse(line, $"only a weight may follow {line.Name}; keepalived leaves the line out");
            }
            else
            {
                tracks.Add(new Track(line, kind, line.Name, Weight(line, complaints)));
            }
        }
    }

    private static int? Weight(Directive line, Complaints complaints)
    {
        if (line.Words.Count == 1)
            return null;
        if (line.Words.Count > 3 && line.Words[3] != "reverse")
            complaints.Note(
                line, $"keepalived knows no {line.Words[3]} behind the weight and goes on without the word");
        if (Numbers.TryReadBeginning(line.Words[2], -254, 254, out long written))
            return (int)Math.Clamp(written, -253, 253);
        complaints.Note(line, "the weight must be −253 to 253; keepalived takes the check's own");
        return null;
    }
}
