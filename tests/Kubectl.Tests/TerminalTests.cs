using VipOperator.Kubectl.Showing;

namespace VipOperator.Kubectl.Tests;

public sealed class TerminalTests
{
    [Fact]
    public void Page_ThatFits_IsDrawnOverTheOldOne() =>
        Assert.Equal("\u001b[Hone\u001b[K\n\u001b[K\ntwo\u001b[K\n\u001b[J", Terminal.Redraw("one\n\ntwo\n", 80, 4));

    [Fact]
    public void Page_HigherThanTheTerminal_SaysHowMuchIsLeftOut() =>
        Assert.Equal(["1", "2", "3", "… 5 more lines"], Lines(
            string.Concat(Enumerable.Range(1, 8).Select(i => $"{i}\n")), 80, 5));

    [Fact]
    public void Line_LongerThanTheTerminal_IsFoldedAtASpace() => Assert.Equal(
        ["  ! The addresses", "      stay on", "      node2."], Lines("  ! The addresses stay on node2.\n", 20, 24));

    [Fact]
    public void Word_LongerThanTheTerminal_IsCut() => Assert.Equal(
        ["2001:db8:1111:2222:", "    3333:4444:5555:", "    6666/128"],
        Lines("2001:db8:1111:2222:3333:4444:5555:6666/128\n", 20, 24));

    [Fact]
    public void SizeThatIsNotKnown_Is80Times24()
    {
        string[] lines = Lines(string.Concat(Enumerable.Repeat(new string('a', 100) + "\n", 30)), 0, 0);

        Assert.Equal(23, lines.Length);
        Assert.Equal(79, lines.Max(l => l.Length));
    }

    private static string[] Lines(string page, int width, int height) =>
        Terminal.Redraw(page, width, height)["\u001b[H".Length..^"\n\u001b[J".Length]
            .Replace("\u001b[K", "", StringComparison.Ordinal).Split('\n');
}
