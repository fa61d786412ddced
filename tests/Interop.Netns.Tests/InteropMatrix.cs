
namespace VipOperator.Interop.Netns.Tests;

/// <summary>
/// Two rows of the matrix: one dialect, with us as Active and with the peer as Active. Each row goes through all events
/// in one network; after each, the one that must hold the address holds it alone, goes on doing so, and is answered
/// for.
/// </summary>
public abstract class InteropMatrix
{
    private readonly Dialect _dialect;
    private readonly MatrixReport _report;

    private protected InteropMatrix(Dialect dialect, MatrixReport report) => (_dialect, _report) = (dialect, report);

    [Fact]
    public async Task WeAreActive_EachEvent_OneHolderAndServed()
    {
        await using Row row = await Row.Start(_dialect, ours: 110, theirs: 100);
        try
        {
            await row.See("start", row.StartBoth, Holder.We);
            await row.See("peer stops", row.Peer.Stop, Holder.We);
            await row.See("peer back", row.Peer.Start, Holder.We);
            await row.See("peer dies", row.PeerDies, Holder.We);
            await row.See("peer back", row.Peer.Start, Holder.We);
            await row.See("partition", row.Cut, Holder.Both);
            await row.See("heal", row.Heal, Holder.We);
            await row.See("we stop", row.WeStop, Holder.Peer);
            await row.See("we are back", row.WeStart, Holder.We);
            await row.See("we die", row.WeDie, Holder.Peer);
            row.JudgeWire();
        }
        finally
        {
            _report.Add(_dialect, "we", row.Cells);
        }
    }

    [Fact]
    public async Task PeerIsActive_EachEvent_OneHolderAndServed()
    {
        await using Row row = await Row.Start(_dialect, ours: 100, theirs: 110);
        try
        {
            await row.See("start", row.StartBoth, Holder.Peer);
            await row.See("we stop", row.WeStop, Holder.Peer);
            await row.See("we are back", row.WeStart, Holder.Peer);
            await row.See("we die", row.WeDie, Holder.Peer);
            await row.See("we are back", row.WeStart, Holder.Peer);
            await row.See("partition", row.Cut, Holder.Both);
            await row.See("heal", row.Heal, Holder.Peer);
            await row.See("peer stops", row.Peer.Stop, Holder.We);
            await row.See("peer back", row.Peer.Start, Holder.Peer);
            await row.See("peer dies", row.PeerDies, Holder.We);
            row.JudgeWire();
        }
        finally
        {
            _report.Add(_dialect, "peer", row.Cells);
        }
    }
}
