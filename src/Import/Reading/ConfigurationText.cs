namespace VipOperator.Import;

/// <summary>
/// One host's configuration: what its files say, line by line, and what keepalived would complain about.
/// </summary>
internal sealed record ConfigurationText(
    string Path, IReadOnlyList<Directive> Directives, IReadOnlyList<SourceNote> Notes, IReadOnlyList<Problem> Problems)
{
    /// <param name="path">The file.</param>
    /// <param name="files">Where it and what it includes are.</param>
    /// <param name="configurationId">What "@id" is compared with.</param>
    public static ConfigurationText Read(string path, IConfigurationFiles files, string configurationId)
    {
        List<Problem> problems = [];
        List<SourceNote> notes = [];
        DirectiveReader reader = new(new LineReader(path, files, configurationId, problems, notes), problems);
        IReadOnlyList<Directive> directives = reader.Read();
        return new ConfigurationText(path, directives, notes, problems);
    }
}
