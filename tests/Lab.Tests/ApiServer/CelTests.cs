using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Cel;
using VipOperator.Lab.ApiServer.Schemas;

namespace VipOperator.Lab.Tests.ApiServer;

/// <summary>The language, apart from any server: what an expression is worth, and what it says when it fails.</summary>
public sealed class CelTests
{
    [Theory]
    // Arithmetic and order (cel-spec, "Numeric values").
    [InlineData("1 + 2 * 3 == 7")]
    [InlineData("7 / 2 == 3 && -7 / 2 == -3 && 7 % 3 == 1 && -7 % 3 == -1")]
    [InlineData("1.5 + 1.5 == 3.0")]
    [InlineData("0x1F == 31 && 5u + 2u == 7u")]
    [InlineData("1 < 1.5 && 2u > 1 && 1 <= 1u")]
    [InlineData("-9223372036854775808 < 0")]
    [InlineData("'a' < 'b' && !('b' < 'a')")]
    [InlineData("'\\u00e9' == 'é' && r'\\n' == '\\\\n' && '''a'b''' == \"a'b\"")]
    [InlineData("b'abc' == bytes('abc') && b'\\x41' == b'A'")]
    // Logic: an error on one side does not matter when the other decides.
    [InlineData("true || 1 / 0 == 1")]
    [InlineData("1 / 0 == 1 || true")]
    [InlineData("!(false && 1 / 0 == 1) && !(1 / 0 == 1 && false)")]
    [InlineData("true ? true : 1 / 0 == 1")]
    [InlineData("[1, 2, 0].exists(x, 4 / x == 4)")]
    [InlineData("![0, 1].all(x, 1 / x == 2)")]
    // Collections and macros.
    [InlineData("1 in [1, 2] && !(3 in [1, 2]) && 'a' in {'a': 1}")]
    [InlineData("[1, 2][1] == 2 && {'a': 1}['a'] == 1 && {'a': 1}.a == 1")]
    [InlineData("[1, 2] + [3] == [1, 2, 3]")]
    [InlineData("[1, 2, 3].all(x, x > 0) && [1, 2, 3].exists_one(x, x == 2) && ![1, 1].exists_one(x, x == 1)")]
    [InlineData("[1, 2, 3].map(x, x * 2) == [2, 4, 6] && [1, 2, 3].map(x, x > 1, x * 2) == [4, 6]")]
    [InlineData("[1, 2, 3].filter(x, x > 1) == [2, 3] && {'a': 1, 'b': 2}.exists(k, k == 'b')")]
    [InlineData("has({'a': 1}.a) && !has({'a': 1}.b)")]
    [InlineData("size([1, 2]) == 2 && 'héé'.size() == 3 && {'a': 1}.size() == 1")]
    [InlineData(
        "[3, 1, 2].max() == 3 && [3, 1, 2].min() == 1 && [1, 2].sum() == 3 && [1, 2].isSorted() && ![2, 1].isSorted()")]
    [InlineData("['a', 'b', 'a'].indexOf('a') == 0 && ['a', 'b', 'a'].lastIndexOf('a') == 2 && [1].indexOf(5) == -1")]
    [InlineData("sets.contains([1, 2], [2]) && sets.equivalent([1, 2], [2, 1, 1]) && !sets.intersects([1], [2])")]
    // Strings and regular expressions.
    [InlineData("'abc'.startsWith('ab') && 'abc'.endsWith('bc') && 'abc'.contains('b') && 'abc'.matches('^a.c$')")]
    [InlineData(
        "'a,b,c'.split(',') == ['a', 'b', 'c'] && 'a,b,c'.split(',', 2) == ['a', 'b,c'] && ['a', "
        + "'b'].join('-') == 'a-b'")]
    [InlineData(
        "'tacocat'.indexOf('c') == 2 && 'tacocat'.lastIndexOf('c') == 4 && 'tacocat'.substring(4) == 'cat' && "
        + "'tacocat'.substring(0, 4) == 'taco'")]
    [InlineData(
        "'aB1'.lowerAscii() == 'ab1' && 'aB1'.upperAscii() == 'AB1' && ' a '.trim() == 'a' && 'abc'.charAt(1) == 'b'")]
    [InlineData(
        "'hello hello'.replace('he', 'we') == 'wello wello' && 'hello hello'.replace('he', 'we', 1) == 'wello hello'")]
    [InlineData(
        "'abc 123 456'.find('[0-9]+') == '123' && 'abc 123 456'.findAll('[0-9]+') == ['123', '456'] && "
        + "'x'.find('[0-9]') == ''")]
    [InlineData("'%s has %d, %.2f, %x'.format(['a', 3, 1.5, 255]) == 'a has 3, 1.50, ff'")]
    // Conversions.
    [InlineData(
        "int('5') == 5 && int(5.9) == 5 && string(5) == '5' && double('1.5') == 1.5 && string(true) == 'true' "
        + "&& uint(3) == 3u")]
    [InlineData("type(1) == int && type('a') == string && dyn(1) == 1")]
    // Time.
    [InlineData(
        "duration('1h30m') == duration('90m') && duration('1.5s') > duration('1499ms') && "
        + "duration('1h').getMinutes() == 60")]
    [InlineData("string(duration('90s')) == '90s' && duration('-1s') < duration('0s')")]
    [InlineData("timestamp('2024-01-31T10:00:00Z') + duration('24h') == timestamp('2024-02-01T10:00:00Z')")]
    [InlineData(
        "timestamp('2024-01-31T10:00:00Z').getMonth() == 0 && timestamp('2024-01-31T10:00:00Z').getDate() == 31")]
    [InlineData("timestamp('2024-01-02T00:00:00Z') - timestamp('2024-01-01T00:00:00Z') == duration('24h')")]
    // Kubernetes' addresses.
    [InlineData(
        "isIP('192.168.1.108') && isIP('::1') && !isIP('192.168.1') && !isIP('192.168.01.1') && "
        + "!isIP('::ffff:1.2.3.4') && !isIP('fe80::1%eth0')")]
    [InlineData("ip('192.168.1.108').family() == 4 && ip('2001:db8::1').family() == 6 && ip('::1').isLoopback()")]
    [InlineData(
        "ip.isCanonical('2001:db8::1') && !ip.isCanonical('2001:DB8::1') && ip('2001:db8::1') == ip('2001:DB8:0::1')")]
    [InlineData("isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0') && !isCIDR('10.0.0.0/33') && !isCIDR('10.0.0.0/08')")]
    [InlineData(
        "cidr('10.0.0.0/8').containsIP('10.1.2.3') && cidr('10.0.0.0/8').containsIP(ip('10.1.2.3')) && "
        + "!cidr('10.0.0.0/8').containsIP('11.0.0.1')")]
    [InlineData(
        "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && "
        + "cidr('10.0.0.0/8').prefixLength() == 8")]
    [InlineData(
        "cidr('10.1.2.3/8').ip() == ip('10.1.2.3') && string(ip('10.1.2.3')) == '10.1.2.3' && "
        + "ip('224.0.0.18').isLinkLocalMulticast()")]
    // Optionals.
    [InlineData(
        "{'a': 1}.?b.orValue(5) == 5 && {'a': 1}.?a.hasValue() && optional.of(3).value() == 3 && "
        + "!optional.none().hasValue()")]
    [InlineData(
        "[1, 2][?5].orValue(0) == 0 && {'a': {'b': 1}}.?a.?b == optional.of(1) && optional.of(2).optMap(x, x + "
        + "1).value() == 3")]
    public void Expression_IsTrue(string expression) =>
        Assert.Equal(true, CelEvaluator.Evaluate(CelParser.Parse(expression), new CelScope("unused", null)));

    [Theory]
    [InlineData("1 / 0 == 1", "division by zero")]
    [InlineData("9223372036854775807 + 1 == 0", "integer overflow")]
    [InlineData("[1][3] == 1", "index out of bounds: 3")]
    [InlineData("{'a': 1}['b'] == 1", "no such key: b")]
    [InlineData("{'a': 1}.b == 1", "no such key: b")]
    [InlineData("[0, 0].exists(x, 1 / x == 2)", "division by zero")]
    [InlineData(
        "duration('1x') == duration('1s')", "type conversion error from 'string' to 'google.protobuf.Duration'")]
    [InlineData("[].max() == 1", "max called on empty list")]
    [InlineData("optional.none().value() == 1", "optional.none() dereference")]
    [InlineData("dyn('a') + dyn(1) == dyn(1)", "no such overload")]
    public void Expression_Fails(string expression, string message)
    {
        CelRuntimeException e = Assert.Throws<CelRuntimeException>(
            () => CelEvaluator.Evaluate(CelParser.Parse(expression), new CelScope("unused", null)));

        Assert.Equal(message, e.Message);
    }

    [Theory]
    [InlineData("self.")]
    [InlineData("(1")]
    [InlineData("[1, 2")]
    [InlineData("'abc")]
    [InlineData("1 +")]
    [InlineData("has(1)")]
    [InlineData("[1].all(x + 1, true)")]
    [InlineData("a b")]
    [InlineData("99999999999999999999")]
    [InlineData("'\\q'")]
    public void Text_IsRefused(string expression) =>
        Assert.Throws<CelCompilationException>(() => CelParser.Parse(expression));

    [Fact]
    public void NestedWithoutEnd_IsRefusedBeforeTheStackIs()
    {
        string deep = new string('(', 5000) + "1" + new string(')', 5000);

        Assert.Throws<CelCompilationException>(() => CelParser.Parse(deep));
    }

    [Fact]
    public void Fields_AreReachedByTheirEscapedNames()
    {
        JsonObject schema = (JsonObject)JsonNode.Parse(
            """{"type":"object","properties":{"a-b":{"type":"integer"},"x.y":{"type":"integer"},"if":{"type":"integer"}}}""")!;
        object? self = CelValues.Of(JsonNode.Parse("""{"a-b":1,"x.y":2,"if":3}"""), SchemaReader.Read(schema));

        object? value = CelEvaluator.Evaluate(
            CelParser.Parse("self.a__dash__b == 1 && self.x__dot__y == 2 && self.__if__ == 3"),
            new CelScope("self", self));

        Assert.Equal(true, value);
    }

    [Fact]
    public void ListsThatAreSets_AreEqualInAnyOrder()
    {
        JsonObject schema = (JsonObject)JsonNode.Parse(
            """{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"}""")!;
        object? self = CelValues.Of(JsonNode.Parse("""["a","b"]"""), SchemaReader.Read(schema));

        Assert.Equal(true, CelEvaluator.Evaluate(CelParser.Parse("self == ['b', 'a']"), new CelScope("self", self)));
    }
}
