using System.Globalization;
using System.Runtime.Versioning;
using VipOperator.Bench.Scale;

[assembly: SupportedOSPlatform("linux")]

// vip-bench-scale PROGRAM SIZE[,SIZE…] [QUIET-SECONDS]
if (args.Length is < 2 or > 3)
{
    await Console.Error.WriteLineAsync("vip-bench-scale PROGRAM SIZE[,SIZE…] [QUIET-SECONDS]");
    return 2;
}

int[] sizes = [.. args[1].Split(',').Select(s => int.Parse(s, CultureInfo.InvariantCulture))];
TimeSpan quiet = TimeSpan.FromSeconds(args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 30);
List<ScaleFigures> runs = [];
foreach (int size in sizes)
{
    runs.Add(await new ScaleRun(args[0], size, quiet, Console.Error.WriteLine).MeasureAsync());

    // Large ones take long: whoever stops them has the others.
    await Console.Error.WriteLineAsync(ScaleTable.Write(runs));
}

Console.Write(ScaleTable.Write(runs));
return 0;
