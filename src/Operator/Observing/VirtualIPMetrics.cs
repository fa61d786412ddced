using System.Globalization;
using System.Text;
using VipOperator.Operator.Reconciling;
using VipOperator.Planning;

namespace VipOperator.Operator.Observing;

/// <summary>
/// The series of each VirtualIP, from the leader only. Made from the caches when somebody asks: a dozen series for each
/// of thousands of VirtualIPs, held and set anew after each plan, took a third of what they cost in memory.
/// </summary>
internal sealed class VirtualIPMetrics(ClusterState state, OperatorMetrics metrics)
{
    private static readonly (string Name, string Help, Func<Row, int> Value)[] Gauges =
    [
        ("vipoperator_virtualip_members", "Members of the VirtualIP; from the leader only.",
            r => r.Report.Members.Count),
        ("vipoperator_virtualip_ready_members",
            "Members that could take the addresses; from the leader only.", r => r.ReadyMembers),
        ("vipoperator_virtualip_active_members",
            "Members that are Active, as far as they are heard of; 1 is right. From the leader only.",
            // What a silent one said last may be long over: the status has it as Unknown.
            r => r.Report.Members.Count(m => m.State == RouterCondition.Active)),
        (
            "vipoperator_virtualip_ready",
            "1 while the VirtualIP's condition Ready is True; from the leader only.",
            r => IsTrue(r.Report.Find(ConditionType.Ready))),
    ];

    /// <summary>Writes them in Prometheus' text format; nothing while another instance leads.</summary>
    public async Task WriteAsync(Stream stream, CancellationToken cancellation)
    {
        if (!metrics.IsLeader)
            return;
        await using StreamWriter text = new(
            stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 16 << 10, leaveOpen: true)
        {
            NewLine = "\n",
        };
        Row[] rows = Rows();
        foreach ((string name, string help, Func<Row, int> value) in Gauges)
        {
            await text.WriteAsync(Header(name, help));
            foreach (Row row in rows)
                await text.WriteAsync(
                    string.Create(CultureInfo.InvariantCulture, $"{name}{{{row.Labels}}} {value(row)}\n"));
        }

        const string Conditions = "vipoperator_virtualip_condition";
        await text.WriteAsync(Header(
            Conditions, "1 while a condition of the VirtualIP is True, 0 while it is not, with its reason; from "
                + "the leader only."));
        foreach (Row row in rows)
        {
            foreach (ConditionReport condition in row.Report.Conditions)
            {
                await text.WriteAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Conditions}{{{row.Labels},type=\"{condition.Type}\",reason=\"{condition.Reason}\"}} "
                    + $"{IsTrue(condition)}\n"));
            }
        }

        await text.FlushAsync(cancellation);
    }

    private Row[] Rows() =>
    [
        .. state.VirtualIPs.Snapshot().Select(v => v.Object).OrderBy(v => v.Key).Select(v => new Row(
            // Kubernetes' names need no escaping.
            $"namespace=\"{v.Key.Namespace}\",virtualip=\"{v.Key.Name}\"",
            v.Report,
            int.TryParse((v.Report.ReadyMembers ?? "").Split('/')[0], NumberStyles.None,
                CultureInfo.InvariantCulture, out int ready) ? ready : 0)),
    ];

    private static string Header(string name, string help) => $"# HELP {name} {help}\n# TYPE {name} gauge\n";

    private static int IsTrue(ConditionReport? condition) => condition?.Status == ConditionStatus.True ? 1 : 0;

    private sealed record Row(string Labels, VirtualIPReport Report, int ReadyMembers);
}
