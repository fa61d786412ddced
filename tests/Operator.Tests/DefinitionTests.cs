using System.Net;
using System.Text.Json.Nodes;
using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Operator.Tests;

/// <summary>
/// What the definitions let in and what they refuse, with the words that a person reads. Decided by the API server.
/// </summary>
public sealed class DefinitionTests(ApiServerFixture fixture)
{
    private const string Address = "addresses: [192.168.1.108]";
    private const string Selector = "selector: {matchLabels: {app: nginx}}";
    private const string LongestName = "a23456789-123456789-123456789-123456789-123456789-123456789-123";
    private const string Path = TestApi.Group + "/namespaces/default/virtualips?dryRun=All";
    private const string Members = TestApi.Group + "/namespaces/default/virtualipmembers";

    [Theory]
    [InlineData("addresses: [192.168.1.108/32]")]
    [InlineData("addresses: [192.168.1.108/24]")]
    [InlineData("addresses: [192.168.1.0, 192.168.2.0/32, 192.168.3.0/31, '2001:db8::/127', '2001:db8:1::/128']")]
    [InlineData("addresses: [192.168.1.108, 192.168.1.109/24, '2001:db8::108/64', 'fe80::1']")]
    [InlineData("addresses: ['2001:0db8:0000:0000:0000:0000:0000:0108/128']")]
    [InlineData("addresses: [192.168.1.255, 192.168.2.255/32, 192.168.3.255/31, 192.168.1.254/24, 192.168.4.127/24]")]
    [InlineData("addresses: [10.0.0.6/30, 10.255.255.254/8, 10.1.2.255/16, 169.254.1.1/16, '2001:db8::ffff/112']")]
    [InlineData(Address + ", interfaceName: eth0.100")]
    [InlineData(Address + ", interfaceName: abcdefghijklmno")]
    [InlineData(Address + ", virtualRouterId: 1")]
    [InlineData(Address + ", virtualRouterId: 255")]
    [InlineData(Address + ", vrrp: {advertisementInterval: 10ms}")]
    [InlineData(Address + ", vrrp: {advertisementInterval: 40s950ms}")]
    [InlineData(Address + ", vrrp: {advertisementInterval: 1500ms}")]
    [InlineData(Address + ", vrrp: {version: 2, advertisementInterval: 255s}")]
    [InlineData(Address + ", vrrp: {version: 2, advertisementInterval: 1m30s}")]
    [InlineData(Address + ", vrrp: {version: 2, advertisementInterval: 1000ms}")]
    [InlineData(Address + ", vrrp: {preempt: {enabled: false, delay: 1h}}")]
    [InlineData(Address + ", vrrp: {transport: Unicast, virtualMac: true}")]
    [InlineData(Address + ", vrrp: {version: 2, authentication: {type: Simple, secretRef: {name: s, key: k}}}")]
    [InlineData(Address + ", vrrp: {authentication: {type: HMAC, secretRef: {name: vrrp.key, key: .hidden_K-1}}}")]
    [InlineData(Address + ", vrrp: {announcementRefresh: 0s, addressLifetime: 0s}")]
    [InlineData(Address + ", vrrp: {announcementRefresh: 24h, addressLifetime: 1m1s}")]
    [InlineData(Address + ", vrrp: {announcementRefresh: 1s, addressLifetime: 2s}")]
    [InlineData(Address + ", vrrp: {advertisementInterval: 500ms, addressLifetime: 1s}")]
    [InlineData(Address + ", vrrp: {advertisementInterval: 40s, addressLifetime: 0s}")]
    [InlineData(Address + ", vrrp: {addressLifetime: 24h}")]
    [InlineData(Address + ", vrrp: {version: 2, authentication: {type: HMAC, secretRef: {name: s, key: k}}}")]
    [InlineData(Address + ", priority: {highest: 51}, probe: {tcp: {port: 80}, onFailure: Demote}")]
    [InlineData(Address + ", priority: {highest: 100}, probe: {tcp: {port: 80}, onFailure: Demote, weight: 99}")]
    [InlineData(Address + ", priority: {highest: 10}, probe: {tcp: {port: 80}}")]
    [InlineData(Address + ", priority: {highest: 1, spread: false, demoteCordoned: true}")]
    [InlineData(
        Address + ", priority: {preferences: [{nodeSelector: {matchLabels: {example.org/rack: a}}, weight: -100}]}")]
    [InlineData(Address + ", priority: {preferences: [{nodeSelector: {matchExpressions: [{key: gpu, operator: "
        + "Exists}]}, weight: 100}]}")]
    [InlineData(Address + ", probe: {http: {}}")]
    [InlineData(Address + ", probe: {http: {port: 65535, path: '/x?y=1', host: 'example.org:80', expectedStatus: "
        + "'200', scheme: HTTPS}}")]
    [InlineData(Address + ", probe: {http: {expectedStatus: 200-200}}")]
    [InlineData(Address + ", probe: {tcp: {port: 1}, interval: 100ms, timeout: 10ms, failureThreshold: 1, "
        + "successThreshold: 100, restartGrace: 1h}")]
    [InlineData(Address + ", probe: {process: {name: 'nginx: master'}, interval: 1h, timeout: 1m}")]
    [InlineData(Address + ", probe: {tcp: {port: 80}, onFailure: Demote, weight: 253}")]
    public async Task Spec_IsAccepted(string spec)
    {
        Answer answer = await CreateAsync($"{{{Selector}, {spec}}}");

        Assert.True(answer.Succeeded, answer.Message);
    }

    [Theory]
    [InlineData("addresses: []", "spec.addresses", "should have at least 1 items")]
    [InlineData("addresses: [192.168.1]", "spec.addresses[0]",
        "must be an IPv4 or IPv6 address with an optional prefix length, such as 192.168.1.108")]
    [InlineData("addresses: [192.168.1.300]", "spec.addresses[0]", "must be an IPv4 or IPv6 address")]
    [InlineData("addresses: [192.168.1.108/33]", "spec.addresses[0]", "must be an IPv4 or IPv6 address")]
    [InlineData("addresses: [192.168.001.108]", "spec.addresses[0]", "must be an IPv4 or IPv6 address")]
    [InlineData("addresses: ['fe80::1%eth0']", "spec.addresses[0]", "must be an IPv4 or IPv6 address")]
    [InlineData("addresses: [example.org]", "spec.addresses[0]", "must be an IPv4 or IPv6 address")]
    [InlineData(
        "addresses: [0.0.0.0]", "spec.addresses[0]", "not an unspecified, loopback, multicast, broadcast")]
    [InlineData(
        "addresses: [127.0.0.1/8]", "spec.addresses[0]", "not an unspecified, loopback, multicast, broadcast")]
    [InlineData(
        "addresses: [224.0.0.18]", "spec.addresses[0]", "not an unspecified, loopback, multicast, broadcast")]
    [InlineData("addresses: [255.255.255.255]", "spec.addresses[0]",
        "not an unspecified, loopback, multicast, broadcast")]
    [InlineData("addresses: ['::1']", "spec.addresses[0]", "not an unspecified, loopback, multicast, broadcast")]
    [InlineData(
        "addresses: ['ff02::12/64']", "spec.addresses[0]", "not an unspecified, loopback, multicast, broadcast")]
    [InlineData("addresses: [192.168.1.0/24]", "spec.addresses[0]",
        "must be the address of a host in its network, not that of the network itself")]
    [InlineData("addresses: [10.0.0.4/30]", "spec.addresses[0]", "not that of the network itself")]
    [InlineData("addresses: ['2001:db8::/64']", "spec.addresses[0]", "not that of the network itself")]
    [InlineData("addresses: [192.168.1.255/24]", "spec.addresses[0]",
        "must be the address of a host in its network, not the network's broadcast address")]
    [InlineData("addresses: [10.0.0.7/30]", "spec.addresses[0]", "not the network's broadcast address")]
    [InlineData("addresses: [192.168.1.127/25]", "spec.addresses[0]", "not the network's broadcast address")]
    [InlineData("addresses: [172.16.255.255/16]", "spec.addresses[0]", "not the network's broadcast address")]
    [InlineData("addresses: [172.19.255.255/14]", "spec.addresses[0]", "not the network's broadcast address")]
    [InlineData("addresses: [10.255.255.255/8]", "spec.addresses[0]", "not the network's broadcast address")]
    [InlineData("addresses: [127.255.255.255/1]", "spec.addresses[0]", "not the network's broadcast address")]
    [InlineData("addresses: [0.1.2.3]", "spec.addresses[0]", "broadcast or reserved one")]
    [InlineData("addresses: [0.0.0.1/8]", "spec.addresses[0]", "broadcast or reserved one")]
    [InlineData("addresses: [240.0.0.1]", "spec.addresses[0]", "broadcast or reserved one")]
    [InlineData("addresses: [254.1.1.1/24]", "spec.addresses[0]", "broadcast or reserved one")]
    [InlineData("addresses: ['::ffff:1.2.3.4']", "spec.addresses[0]", "must be an IPv4 or IPv6 address")]
    [InlineData("addresses: [10.0.0.1/0]", "spec.addresses[0]",
        "the prefix length must be 1 to 32 for IPv4 and 1 to 128 for IPv6")]
    [InlineData("addresses: [10.0.0.1, 10.0.0.1]", "spec.addresses", "must not name an address twice")]
    [InlineData("addresses: [10.0.0.1, 10.0.0.1/24]", "spec.addresses", "must not name an address twice")]
    [InlineData("addresses: ['2001:db8::1', '2001:0DB8:0::1/64']", "spec.addresses", "must not name an address twice")]
    [InlineData("addresses: ['2001:db8::1'], vrrp: {version: 2}", "spec.addresses",
        "IPv6 addresses need vrrp.version 3; version 2 carries IPv4 only")]
    [InlineData(Address + ", interfaceName: ''", "spec.interfaceName", "at least 1 chars")]
    [InlineData(Address + ", interfaceName: abcdefghijklmnop", "spec.interfaceName", "15")]
    [InlineData(Address + ", interfaceName: 'eth 0'", "spec.interfaceName",
        "must be the name of a network link, 1 to 15 ASCII characters without '/', ':' and white space")]
    [InlineData(Address + ", interfaceName: éééééééééé", "spec.interfaceName", "must be the name of a network link")]
    [InlineData(Address + ", interfaceName: 'eth0:1'", "spec.interfaceName", "must be the name of a network link")]
    [InlineData(Address + ", interfaceName: eth/0", "spec.interfaceName", "must be the name of a network link")]
    [InlineData(Address + ", interfaceName: ..", "spec.interfaceName", "must be the name of a network link")]
    [InlineData(Address + ", virtualRouterId: 0", "spec.virtualRouterId", "greater than or equal to 1")]
    [InlineData(Address + ", virtualRouterId: 256", "spec.virtualRouterId", "less than or equal to 255")]
    [InlineData(Address + ", virtualRouterId: '51'", "spec.virtualRouterId", "must be of type integer")]
    [InlineData(Address + ", vrrp: {version: 4}", "spec.vrrp.version", "supported values: \"2\", \"3\"")]
    [InlineData(Address + ", vrrp: {advertisementInterval: 5ms}", "spec.vrrp.advertisementInterval",
        "must be a duration of 10ms to 40s950ms in steps of 10ms with version 3")]
    [InlineData(Address + ", vrrp: {advertisementInterval: 15ms}", "spec.vrrp.advertisementInterval",
        "10ms to 40s950ms in steps of 10ms")]
    [InlineData(
        Address + ", vrrp: {advertisementInterval: 41s}", "spec.vrrp.advertisementInterval", "10ms to 40s950ms")]
    [InlineData(
        Address + ", vrrp: {advertisementInterval: 1.5s}", "spec.vrrp.advertisementInterval", "10ms to 40s950ms")]
    [InlineData(
        Address + ", vrrp: {advertisementInterval: '-1s'}", "spec.vrrp.advertisementInterval", "10ms to 40s950ms")]
    [InlineData(
        Address + ", vrrp: {advertisementInterval: 1}", "spec.vrrp.advertisementInterval", "must be of type string")]
    [InlineData(Address + ", vrrp: {version: 2, advertisementInterval: 1s500ms}", "spec.vrrp.advertisementInterval",
        "must be a duration of 1s to 255s in whole seconds with version 2")]
    [InlineData(Address + ", vrrp: {version: 2, advertisementInterval: 100ms}", "spec.vrrp.advertisementInterval",
        "1s to 255s in whole seconds")]
    [InlineData(Address + ", vrrp: {version: 2, advertisementInterval: 256s}", "spec.vrrp.advertisementInterval",
        "1s to 255s in whole seconds")]
    [InlineData(Address + ", vrrp: {preempt: {delay: 2h}}", "spec.vrrp.preempt.delay",
        "must be a duration of 0s to 1h, such as 30s")]
    [InlineData(Address + ", vrrp: {transport: Broadcast}", "spec.vrrp.transport",
        "supported values: \"Multicast\", \"Unicast\"")]
    [InlineData(Address + ", vrrp: {authentication: {type: AH}}", "spec.vrrp.authentication.type",
        "supported values: \"None\", \"Simple\", \"HMAC\"")]
    [InlineData(Address + ", vrrp: {authentication: {type: Simple, secretRef: {name: s, key: k}}}",
        "spec.vrrp.authentication.type", "Simple needs version 2; version 3 allows None and HMAC")]
    [InlineData(Address + ", vrrp: {version: 2, authentication: {type: Simple}}", "spec.vrrp.authentication",
        "secretRef is required with the types Simple and HMAC")]
    [InlineData(Address + ", vrrp: {authentication: {type: HMAC}}", "spec.vrrp.authentication",
        "secretRef is required with the types Simple and HMAC")]
    [InlineData(Address + ", vrrp: {authentication: {secretRef: {name: s, key: k}}}",
        "spec.vrrp.authentication.secretRef", "must not be set with the type None")]
    [InlineData(Address + ", vrrp: {version: 2, authentication: {type: Simple, secretRef: {name: s}}}",
        "spec.vrrp.authentication.secretRef.key", "Required value")]
    [InlineData(Address + ", vrrp: {version: 2, authentication: {type: Simple, secretRef: {name: '../s', key: k}}}",
        "spec.vrrp.authentication.secretRef.name", "must be the name of a Secret")]
    [InlineData(Address + ", vrrp: {version: 2, authentication: {type: Simple, secretRef: {name: s, key: ..}}}",
        "spec.vrrp.authentication.secretRef.key", "must be a key of a Secret")]
    [InlineData(Address + ", vrrp: {version: 2, authentication: {type: Simple, secretRef: {name: s, key: a/b}}}",
        "spec.vrrp.authentication.secretRef.key", "must be a key of a Secret")]
    [InlineData(Address + ", vrrp: {announcementRefresh: 500ms}", "spec.vrrp.announcementRefresh",
        "must be a duration of 1s to 24h, such as 1m, or 0s")]
    [InlineData(Address + ", vrrp: {announcementRefresh: 25h}", "spec.vrrp.announcementRefresh",
        "must be a duration of 1s to 24h, such as 1m, or 0s")]
    [InlineData(Address + ", vrrp: {announcementRefresh: often}", "spec.vrrp.announcementRefresh",
        "must be a duration of 1s to 24h, such as 1m, or 0s")]
    [InlineData(Address + ", vrrp: {addressLifetime: forever}", "spec.vrrp.addressLifetime",
        "must be a duration of 1s to 24h in whole seconds")]
    [InlineData(Address + ", vrrp: {addressLifetime: 1s}", "spec.vrrp.addressLifetime",
        "must be at least twice the advertisementInterval, or 0s for ever")]
    [InlineData(Address + ", vrrp: {advertisementInterval: 10s, addressLifetime: 19s}", "spec.vrrp.addressLifetime",
        "must be at least twice the advertisementInterval")]
    [InlineData(Address + ", vrrp: {addressLifetime: 1500ms}", "spec.vrrp.addressLifetime",
        "must be a duration of 1s to 24h in whole seconds")]
    [InlineData(Address + ", vrrp: {addressLifetime: 25h}", "spec.vrrp.addressLifetime",
        "must be a duration of 1s to 24h in whole seconds")]
    [InlineData(Address + ", priority: {highest: 255}", "spec.priority.highest", "less than or equal to 254")]
    [InlineData(Address + ", priority: {highest: 0}", "spec.priority.highest", "greater than or equal to 1")]
    [InlineData(Address + ", priority: {preferences: [{nodeSelector: {matchLabels: {rack: a}}}]}",
        "spec.priority.preferences[0].weight", "Required value")]
    [InlineData(Address + ", priority: {preferences: [{nodeSelector: {matchLabels: {rack: a}}, weight: 101}]}",
        "spec.priority.preferences[0].weight", "less than or equal to 100")]
    [InlineData(Address + ", priority: {preferences: [{nodeSelector: {}, weight: 1}]}",
        "spec.priority.preferences[0].nodeSelector",
        "must not be empty; name at least one label in matchLabels or matchExpressions")]
    [InlineData(Address + ", priority: {preferences: [{nodeSelector: {matchLabels: {'a b': c}}, weight: 1}]}",
        "spec.priority.preferences[0].nodeSelector.matchLabels", "must have labels' names as keys")]
    [InlineData(Address + ", priority: {preferences: [{nodeSelector: {matchExpressions: [{key: gpu, operator: "
        + "NotIn}]}, weight: 1}]}", "spec.priority.preferences[0].nodeSelector.matchExpressions[0].values",
        "needs at least one value with In and NotIn, and none with Exists and DoesNotExist")]
    [InlineData(Address + ", priority: {preferences: [{nodeSelector: {matchExpressions: [{key: gpu, operator: "
        + "DoesNotExist, values: [a]}]}, weight: 1}]}",
        "spec.priority.preferences[0].nodeSelector.matchExpressions[0].values", "none with Exists and DoesNotExist")]
    [InlineData(Address + ", probe: {}", "spec.probe", "must have exactly one of http, tcp and process")]
    [InlineData(Address + ", probe: {http: {}, tcp: {port: 80}}", "spec.probe",
        "must have exactly one of http, tcp and process")]
    [InlineData(Address + ", probe: {tcp: {}}", "spec.probe.tcp.port", "Required value")]
    [InlineData(Address + ", probe: {tcp: {port: 0}}", "spec.probe.tcp.port", "greater than or equal to 1")]
    [InlineData(Address + ", probe: {http: {port: 65536}}", "spec.probe.http.port", "less than or equal to 65535")]
    [InlineData(Address + ", probe: {http: {path: healthz}}", "spec.probe.http.path", "must begin with '/'")]
    [InlineData(Address + ", probe: {http: {path: '/a b'}}", "spec.probe.http.path",
        "printable ASCII characters without blanks")]
    [InlineData(Address + ", probe: {http: {host: 'a b'}}", "spec.probe.http.host",
        "must be a host name or an address, with an optional port")]
    [InlineData(Address + ", probe: {http: {expectedStatus: 400-200}}", "spec.probe.http.expectedStatus",
        "must be a status or a range in ascending order between 100 and 599")]
    [InlineData(Address + ", probe: {http: {expectedStatus: 2xx}}", "spec.probe.http.expectedStatus",
        "must be a status or a range")]
    [InlineData(Address + ", probe: {http: {expectedStatus: '600'}}", "spec.probe.http.expectedStatus",
        "must be a status or a range")]
    [InlineData(
        Address + ", probe: {http: {scheme: FTP}}", "spec.probe.http.scheme", "supported values: \"HTTP\", \"HTTPS\"")]
    [InlineData(Address + ", probe: {process: {name: abcdefghijklmnop}}", "spec.probe.process.name", "15")]
    [InlineData(Address + ", probe: {process: {name: ' x'}}", "spec.probe.process.name", "must be a process name")]
    [InlineData(Address + ", probe: {tcp: {port: 80}, interval: 99ms}", "spec.probe.interval",
        "must be a duration of 100ms to 1h, such as 1s or 500ms")]
    [InlineData(Address + ", probe: {tcp: {port: 80}, interval: 61m}", "spec.probe.interval",
        "must be a duration of 100ms to 1h, such as 1s or 500ms")]
    [InlineData(Address + ", probe: {tcp: {port: 80}, timeout: 9ms}", "spec.probe.timeout",
        "must be a duration of 10ms to 1m, such as 1s or 500ms")]
    [InlineData(Address + ", probe: {tcp: {port: 80}, timeout: 61s}", "spec.probe.timeout",
        "must be a duration of 10ms to 1m, such as 1s or 500ms")]
    [InlineData(Address + ", probe: {tcp: {port: 80}, restartGrace: 61m}", "spec.probe.restartGrace",
        "must be a duration of 0s to 1h, such as 3s")]
    [InlineData(Address + ", probe: {tcp: {port: 80}, failureThreshold: 0}", "spec.probe.failureThreshold",
        "greater than or equal to 1")]
    [InlineData(Address + ", probe: {tcp: {port: 80}, successThreshold: 101}", "spec.probe.successThreshold",
        "less than or equal to 100")]
    [InlineData(Address + ", probe: {tcp: {port: 80}, onFailure: Ignore}", "spec.probe.onFailure",
        "supported values: \"Release\", \"Demote\"")]
    [InlineData(Address + ", probe: {tcp: {port: 80}, weight: 50}", "spec.probe.weight",
        "is allowed only with onFailure: Demote")]
    [InlineData(Address + ", probe: {tcp: {port: 80}, onFailure: Demote, weight: 0}", "spec.probe.weight",
        "greater than or equal to 1")]
    [InlineData(Address + ", priority: {highest: 50}, probe: {tcp: {port: 80}, onFailure: Demote}", "spec.probe.weight",
        "must be less than priority.highest, from which it is taken; it is 50 if not given")]
    [InlineData(Address + ", priority: {highest: 100}, probe: {tcp: {port: 80}, onFailure: Demote, weight: 100}",
        "spec.probe.weight", "must be less than priority.highest")]
    [InlineData(Address + ", probe: {http: {httpHeaders: [{name: 'a b', value: x}]}}",
        "spec.probe.http.httpHeaders[0].name", "must hold only letters, digits, '-' and '_'")]
    [InlineData(Address + ", probe: {http: {httpHeaders: [{name: Content-Length, value: '1'}]}}",
        "spec.probe.http.httpHeaders[0].name", "be none of Connection, Content-Length and Transfer-Encoding")]
    [InlineData(Address + ", probe: {http: {httpHeaders: [{name: a, value: ü}]}}",
        "spec.probe.http.httpHeaders[0].value", "must hold only printable ASCII characters")]
    [InlineData(Address + ", probe: {tcp: {port: 80}, onFailure: Demote, weight: 254}", "spec.probe.weight",
        "less than or equal to 253")]
    public async Task Spec_IsRefusedWithTheFieldAndWhatIsAllowed(string spec, string field, string allowed)
    {
        Answer answer = await CreateAsync($"{{{Selector}, {spec}}}");

        IsRefused(answer, field, allowed);
    }

    [Theory]
    [InlineData("matchLabels: {app.kubernetes.io/name: nginx, A_b.c-9: ''}")]
    [InlineData("matchLabels: {example.org/" + LongestName + ": a}")]
    [InlineData("matchExpressions: [{key: example.org/" + LongestName + ", operator: Exists}]")]
    public async Task Selector_IsAccepted(string selector)
    {
        Answer answer = await CreateAsync($"{{{Address}, selector: {{{selector}}}}}");

        Assert.True(answer.Succeeded, answer.Message);
    }

    [Theory]
    [InlineData("selector: {}", "spec.selector",
        "must not be empty; name at least one label in matchLabels or matchExpressions")]
    [InlineData("selector: {matchLabels: {}}", "spec.selector", "must not be empty")]
    [InlineData("selector: {matchLabels: {app: 'a b'}}", "spec.selector.matchLabels.app", "should match")]
    [InlineData("selector: {matchLabels: {'bad key!': a}}", "spec.selector.matchLabels",
        "must have labels' names as keys: up to 63 letters, digits, '-', '_' and '.'")]
    [InlineData("selector: {matchLabels: {'': a}}", "spec.selector.matchLabels", "must have labels' names as keys")]
    [InlineData("selector: {matchLabels: {-a: a}}", "spec.selector.matchLabels", "must have labels' names as keys")]
    [InlineData("selector: {matchLabels: {app: a, example.org/: a}}", "spec.selector.matchLabels",
        "must have labels' names as keys")]
    [InlineData("selector: {matchLabels: {" + LongestName + "a: a}}", "spec.selector.matchLabels",
        "must have labels' names as keys")]
    [InlineData("selector: {matchExpressions: [{key: " + LongestName + "a, operator: Exists}]}",
        "spec.selector.matchExpressions[0].key", "should match")]
    [InlineData("selector: {matchExpressions: [{key: app, operator: Like, values: [a]}]}",
        "spec.selector.matchExpressions[0].operator",
        "supported values: \"In\", \"NotIn\", \"Exists\", \"DoesNotExist\"")]
    [InlineData("selector: {matchExpressions: [{key: app, operator: In}]}", "spec.selector.matchExpressions[0].values",
        "needs at least one value with In and NotIn, and none with Exists and DoesNotExist")]
    [InlineData("selector: {matchExpressions: [{key: app, operator: Exists, values: [a]}]}",
        "spec.selector.matchExpressions[0].values", "needs at least one value")]
    public async Task Selector_IsRefusedWithTheFieldAndWhatIsAllowed(string selector, string field, string allowed)
    {
        Answer answer = await CreateAsync($"{{{Address}, {selector}}}");

        IsRefused(answer, field, allowed);
    }

    [Fact]
    public async Task Name_LongerThanALabelValue_IsRefused()
    {
        Assert.True((await CreateAsync($"{{{Selector}, {Address}}}", new string('a', 63))).Succeeded);
        Answer answer = await CreateAsync($"{{{Selector}, {Address}}}", new string('a', 64));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Contains(
            "metadata.name: must be at most 63 characters, because it becomes a label value of the members",
            answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FieldsThatAreLeftOut_AreFilledIn()
    {
        Answer answer = await CreateAsync($"{{{Selector}, {Address}, probe: {{http: {{}}}}}}");

        JsonNode expected = JsonNode.Parse(
            """
            {"addresses":["192.168.1.108"],"selector":{"matchLabels":{"app":"nginx"}},
             "vrrp":{"version":3,"advertisementInterval":"1s","preempt":{"enabled":true,"delay":"0s"},"transport":"Multicast",
               "authentication":{"type":"None"},"announcementRefresh":"1m","virtualMac":false},
             "priority":{"highest":254,"spread":true,"demoteCordoned":false},
             "probe":{"http":{"port":80,"path":"/","host":"","expectedStatus":"200-399","scheme":"HTTP"},"interval":"1s","timeout":"1s",
               "failureThreshold":3,"successThreshold":2,"restartGrace":"0s","onFailure":"Release"}}
            """)!;
        Assert.True(JsonNode.DeepEquals(expected, answer.Body!["spec"]), answer.Body!["spec"]!.ToJsonString());
    }

    [Theory]
    [InlineData("tutorial.yaml")]
    [InlineData("dual-stack.yaml")]
    [InlineData("sub-second.yaml")]
    [InlineData("unicast.yaml")]
    [InlineData("preferences.yaml")]
    public async Task Example_IsAccepted(string file)
    {
        string text = await File.ReadAllTextAsync(
            System.IO.Path.Combine(AppContext.BaseDirectory, "examples", file), TestContext.Current.CancellationToken);
        string[] documents =
            [.. text.Split("\n---\n").Where(d => d.Contains("kind: VirtualIP", StringComparison.Ordinal))];

        Answer answer = await fixture.Api.PostYamlAsync(Path, Assert.Single(documents));

        Assert.True(answer.Succeeded, answer.Message);
    }

    [Theory]
    [InlineData("addresses: [192.168.1]", "spec.addresses[0]",
        "must be an IPv4 or IPv6 address with an optional prefix length, such as 192.168.1.108")]
    [InlineData("addresses: [0.1.2.3]", "spec.addresses[0]", "broadcast or reserved one")]
    [InlineData("addresses: [10.0.0.1/0]", "spec.addresses[0]", "the prefix length must be 1 to 32")]
    [InlineData("addresses: [192.168.1.0/24]", "spec.addresses[0]", "not that of the network itself")]
    [InlineData("addresses: [192.168.1.255/24]", "spec.addresses[0]", "not the network's broadcast address")]
    [InlineData(Address + ", interfaceName: éé", "spec.interfaceName", "must be the name of a network link")]
    [InlineData(Address + ", vrrp: {announcementRefresh: 1ms}", "spec.vrrp.announcementRefresh",
        "must be a duration of 1s to 24h, such as 1m, or 0s for never")]
    [InlineData(Address + ", vrrp: {addressLifetime: 1500ms}", "spec.vrrp.addressLifetime",
        "must be a duration of 1s to 24h in whole seconds, such as 3s, or 0s for ever")]
    [InlineData(Address + ", probe: {}", "spec.probe", "must have exactly one of http, tcp and process")]
    [InlineData(Address + ", probe: {tcp: {port: 80}, process: {name: nginx}}", "spec.probe",
        "must have exactly one of http, tcp and process")]
    [InlineData(Address + ", probe: {http: {httpHeaders: [{name: 'a:', value: x}]}}",
        "spec.probe.http.httpHeaders[0].name", "must hold only letters, digits, '-' and '_'")]
    [InlineData(Address + ", probe: {http: {httpHeaders: [{name: a, value: ü}]}}",
        "spec.probe.http.httpHeaders[0].value", "must hold only printable ASCII characters")]
    public async Task MemberSpec_IsRefusedWithTheFieldAndWhatIsAllowed(string spec, string field, string allowed)
    {
        Answer answer = await fixture.Api.PostYamlAsync(
            Members + "?dryRun=All",
            $"{{apiVersion: vipoperator.io/v1alpha1, kind: VirtualIPMember, metadata: {{name: x}}, spec: {{{spec}, "
            + $"virtualRouterId: 1, priority: 100}}}}");

        IsRefused(answer, field, allowed);
    }

    [Theory]
    [InlineData("virtualIPName", "other")]
    [InlineData("podName", "other")]
    [InlineData("podUid", "other")]
    [InlineData("nodeName", "other")]
    public async Task Member_StaysThatOfItsPodAndVirtualIP(string field, string value)
    {
        string name = $"member-{field.ToLowerInvariant()}";
        Answer made = await fixture.Api.PostYamlAsync(
            Members,
            $$"""
            apiVersion: vipoperator.io/v1alpha1
            kind: VirtualIPMember
            metadata: {name: {{name}}}
            spec: {virtualIPName: web, podName: a, podUid: b, nodeName: c, addresses: [192.168.1.108], virtualRouterId: 1, priority: 100}
            """);
        Assert.True(made.Succeeded, made.Message);

        Answer changed = await fixture.Api.MergeAsync(
            $"{Members}/{name}", new JsonObject { ["spec"] = new JsonObject { [field] = value } });
        Answer allowed = await fixture.Api.MergeAsync(
            $"{Members}/{name}", new JsonObject { ["spec"] = new JsonObject { ["priority"] = 99 } });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, changed.Code);
        Assert.Contains("must stay as they are; delete the member", changed.Message, StringComparison.Ordinal);
        Assert.True(allowed.Succeeded, allowed.Message);
        await fixture.Api.DeleteAsync($"{Members}/{name}");
    }

    [Fact]
    public async Task UnknownField_IsLeftOutOrRefusedWhenAskedStrictly()
    {
        Answer answer = await CreateAsync(
            $"{{{Selector}, {Address}, adresses: [1.1.1.1]}}", query: "&fieldValidation=Strict");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Code);
        Assert.Contains("unknown field \"spec.adresses\"", answer.Message, StringComparison.Ordinal);
    }

    private static void IsRefused(Answer answer, string field, string allowed)
    {
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        string[] causes =
            [.. answer.Body!["details"]!["causes"]!.AsArray().Select(c => $"{c!["field"]}: {c["message"]}")];
        Assert.Contains(
            causes, c => c.StartsWith($"{field}: ", StringComparison.Ordinal) && c.Contains(
                allowed, StringComparison.Ordinal));
    }

    private Task<Answer> CreateAsync(string spec, string name = "x", string query = "") => fixture.Api.PostYamlAsync(
        Path + query,
        $"{{apiVersion: vipoperator.io/v1alpha1, kind: VirtualIP, metadata: {{name: {name}}}, spec: {spec}}}");
}
