using VipOperator.Import.Tests.Support;

namespace VipOperator.Import.Tests;

public sealed class PathPatternTests
{
    private static readonly MemoryFiles Files = new()
    {
        ["conf.d/b.conf"] = "",
        ["conf.d/a.conf"] = "",
        ["conf.d/.hidden.conf"] = "",
        ["conf.d/note.txt"] = "",
        ["conf.d/more/c.conf"] = "",
        ["other/d.conf"] = "",
    };

    [Theory]
    [InlineData("conf.d/*.conf", "conf.d/a.conf conf.d/b.conf")]
    [InlineData("*/*.conf", "conf.d/a.conf conf.d/b.conf other/d.conf")]
    [InlineData("conf.d/{b,a}.conf", "conf.d/b.conf conf.d/a.conf")]
    [InlineData("conf.d/[!a].conf", "conf.d/b.conf")]
    [InlineData("conf.d/[a-b].conf", "conf.d/a.conf conf.d/b.conf")]
    [InlineData("conf.d/?.conf", "conf.d/a.conf conf.d/b.conf")]
    [InlineData("conf.d/.*.conf", "conf.d/.hidden.conf")]
    [InlineData("conf.d/missing.conf", "conf.d/missing.conf")]
    [InlineData("nowhere/*.conf", "")]
    public void Expand_FindsWhatAShellWould(string pattern, string found) =>
        Assert.Equal(found, string.Join(' ', PathPattern.Expand(pattern, Files)));

    [Theory]
    [InlineData("a{b,{c,d}e}f", "abf acef adef")]
    [InlineData("{,x}y", "y xy")]
    [InlineData("a{b", "a{b")]
    public void ExpandBraces_MayBeNested(string pattern, string all) =>
        Assert.Equal(all, string.Join(' ', PathPattern.ExpandBraces(pattern)));
}
