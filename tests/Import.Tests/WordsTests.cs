namespace VipOperator.Import.Tests;

public sealed class WordsTests
{
    [Theory]
    [InlineData("state MASTER", "state|MASTER")]
    [InlineData("  a\tb  c ", "a|b|c")]
    [InlineData("vrrp_instance \"VI 1\" {", "vrrp_instance|VI 1|{")]
    [InlineData("a\"b c\"d", "a|b c|d")]
    [InlineData("script 'a b'", "script|'a|b'")]
    [InlineData("x \"\"", "x|")]
    [InlineData("", "")]
    public void Split_CutsAtWhiteSpaceAndDoubleQuotes(string line, string words)
    {
        Assert.Equal(words, string.Join('|', Words.Split(line, out bool isUnmatched)));
        Assert.False(isUnmatched);
    }

    [Fact]
    public void Split_QuoteWithoutASecondOne_IsTold()
    {
        Assert.Equal(["notify_master"], Words.Split("notify_master \"x y", out bool isUnmatched));
        Assert.True(isUnmatched);
    }

    // The examples of keepalived.conf(5), "Quoted strings".
    [Theory]
    [InlineData("""abcd" efg h jkl "mnop""", "abcd efg h jkl mnop")]
    [InlineData("""abcd "efg h jkl" mnop""", "abcd|efg h jkl|mnop")]
    [InlineData("""a\tb \x41\x4a\x4 \101 \cA \\ \" \'""", "a\tb|AJ\x04|A|\x01|\\|\"|'")]
    [InlineData("""'it"s' "it's" ''""", "it\"s|it's|")]
    public void SplitCommand_TakesQuotesAndEscapesAsAShellDoes(string command, string words) =>
        Assert.Equal(words, string.Join('|', Words.SplitCommand(command, resolves: true)!));

    [Theory]
    [InlineData("\"a b")]
    [InlineData("'a b")]
    [InlineData("a \\")]
    public void SplitCommand_WithoutAnEnd_IsNone(string command) =>
        Assert.Null(Words.SplitCommand(command, resolves: true));

    [Theory]
    [InlineData("priority 100 # the best", "priority 100")]
    [InlineData("! all of it", "")]
    [InlineData("script \"echo # !\" # no", "script \"echo # !\"")]
    [InlineData(@"auth_pass a\#b\!c", "auth_pass a#b!c")]
    [InlineData("$A= x \\", "$A= x\\")]
    [InlineData("a \\# b", "a # b")]
    public void Comments_EndALineUnlessQuotedOrEscaped(string line, string rest)
    {
        Assert.Equal(rest, Comments.Remove(line, out bool isUnterminated));
        Assert.False(isUnterminated);
    }
}
