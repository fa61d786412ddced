using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Operator.Tests;

/// <summary>
/// Version × family × interval × authentication × probe: what goes together is let in, what does not is refused.
/// </summary>
public sealed class DefinitionCombinationTests(ApiServerFixture fixture)
{
    private static readonly (string Text, bool HasIPv6)[] Addresses =
        [("192.168.1.108", false), ("'2001:db8::108'", true), ("192.168.1.108, '2001:db8::108'", true)];

    // Which version can say it: 2 whole seconds to 255 s, 3 hundredths of a second to 40.95 s.
    private static readonly (string Text, bool Two, bool Three)[] Intervals =
    [
        ("0s", false, false), ("10ms", false, true), ("15ms", false, false), ("990ms", false, true), ("1s", true, true),
        ("1s500ms", false, true),
        ("40s", true, true), ("40s950ms", false, true), ("40s960ms", false, false),
        ("41s", true, false), ("4m15s", true, false),
        ("256s", false, false),
    ];

    private static readonly (string Text, bool Two, bool Three)[] Authentications =
    [
        ("{type: None}", true, true), ("{type: Simple, secretRef: {name: s, key: k}}", true, false),
        ("{type: HMAC, secretRef: {name: s, key: k}}", true, true), ("{type: HMAC}", false, false),
        ("{secretRef: {name: s, key: k}}", false, false),
    ];

    // With the default priority.
    private static readonly (string Text, bool IsAllowed)[] Probes =
    [
        ("", true), (", probe: {http: {}}", true), (", probe: {http: {}, process: {name: nginx}}", false),
        (", probe: {tcp: {port: 80}, onFailure: Demote, weight: 10}", true),
        (", probe: {tcp: {port: 80}, weight: 10}", false),
    ];

    public static TheoryData<int> Versions => [2, 3];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Combination_IsLetInExactlyWhenTheVersionCanSpeakIt(int version)
    {
        List<string> wrong = [];
        foreach ((string addresses, bool hasIPv6) in Addresses)
        {
            foreach ((string interval, bool intervalOfTwo, bool intervalOfThree) in Intervals)
            {
                foreach ((string authentication, bool authenticationOfTwo,
                    bool authenticationOfThree) in Authentications)
                {
                    foreach ((string probe, bool probeIsAllowed) in Probes)
                    {
                        bool allowed = probeIsAllowed && (version == 2
                            ? !hasIPv6 && intervalOfTwo && authenticationOfTwo
                            : intervalOfThree && authenticationOfThree);
                        string spec = $"addresses: [{addresses}], vrrp: {{version: {version}, advertisementInterval: "
                            + $"{interval}, authentication: {authentication}}}{probe}";
                        if ((await CreateAsync(spec)).Succeeded != allowed)
                            wrong.Add(spec);
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private Task<Answer> CreateAsync(string spec) => fixture.Api.PostYamlAsync(
        TestApi.Group + "/namespaces/default/virtualips?dryRun=All",
        $"{{apiVersion: vipoperator.io/v1alpha1, kind: VirtualIP, metadata: {{name: x}}, spec: {{selector: "
        + $"{{matchLabels: {{app: nginx}}}}, {spec}}}}}");
}
