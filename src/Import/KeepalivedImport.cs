namespace VipOperator.Import;

/// <summary>Turns the keepalived.conf of one or several hosts into manifests and a report.</summary>
public static class KeepalivedImport
{
    /// <param name="hosts">A file each; those of one pair or group of hosts belong into one call.</param>
    /// <param name="files">Where they are.</param>
    /// <param name="options">What no file says.</param>
    public static ImportResult Run(IReadOnlyList<ImportHost> hosts, IConfigurationFiles files, ImportOptions options)
    {
        Ledger ledger = new();
        List<HostConfiguration> configurations = [];
        List<Problem> problems = [];
        for (int i = 0; i < hosts.Count; i++)
        {
            ConfigurationText text = ConfigurationText.Read(hosts[i].Path, files, ConfigurationId(hosts[i], i + 1));
            problems.AddRange(text.Problems);
            configurations.Add(HostReader.Read(hosts[i], text, ledger, problems));
        }

        if (!problems.Any(p => p.IsFatal) && configurations.All(c => c.Instances.Count == 0) && hosts.Count > 0)
            problems.Add(new Problem(
                new Place(hosts[0].Path, 1), "there is no vrrp_instance in it, so nothing to import", IsFatal: true));
        if (problems.Any(p => p.IsFatal))
            return new ImportResult
            { Errors = [.. problems.Where(p => p.IsFatal).Select(p => p.ToString()).Distinct(StringComparer.Ordinal)] };

        NodeNames.Give(configurations);
        Differences differences = new();
        IReadOnlyList<Draft> drafts = new VirtualIPMapper(options, files, ledger, differences).Map(configurations);
        foreach (Directive directive in configurations.SelectMany(c => c.Text.Directives)
            .SelectMany(d => d.Descendants.Prepend(d)))
        {
            if (!ledger.Has(directive))
                ledger.Left(directive, "Nothing in a VirtualIP is like it.", decide: true);
        }

        foreach (Directive directive in configurations.SelectMany(c => c.Text.Directives))
            WordsBehind.Say(directive, ledger);

        IReadOnlyList<(HostConfiguration Host, IReadOnlyList<Finding> Findings)> findings =
            [.. configurations.Select(c => (c, ledger.Of(c)))];
        Finding[] all = [.. findings.SelectMany(f => f.Findings)];
        return new ImportResult
        {
            Manifests = ManifestWriter.Write(drafts, options),
            Findings = all,
            Report = new ReportWriter(findings, drafts, differences, problems, options).Write(),
            NeedsDecision = all.Any(f => f.NeedsDecision),
        };
    }

    private static string ConfigurationId(ImportHost host, int number) =>
        host.ConfigurationId ?? (host.Node ?? NodeNames.OfFile(host.Path, number)).Split('.')[0];
}
