using System.Globalization;
using System.Runtime.Versioning;
using VipOperator.Bench.Scale;

[assembly: SupportedOSPlatform("linux")]

// vip-bench-scale FOLDER PROGRAM SIZE[,SIZE…] [QUIET-SECONDS]: measures, and writes results and plot into the folder.
// vip-bench-scale FOLDER: only prints the tables and draws the plot anew.
if (args.Length is not (1 or 3 or 4))
{
    await Console.Error.WriteLineAsync("vip-bench-scale FOLDER [PROGRAM SIZE[,SIZE…] [QUIET-SECONDS]]");
    return 2;
}

ScaleResults results = ScaleResults.Read(args[0]);
if (args.Length > 1)
{
    string server = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS"))
        ? ScaleResults.Embedded : ScaleResults.Real;
    TimeSpan quiet = TimeSpan.FromSeconds(args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 30);
    foreach (int size in args[2].Split(',').Select(s => int.Parse(s, CultureInfo.InvariantCulture)))
    {
        results.Add(server, await new ScaleRun(args[1], size, quiet, Console.Error.WriteLine).MeasureAsync());

        // Large ones take long: whoever stops them has the others.
        results.Write(args[0]);
    }
}

results.Write(args[0]);
foreach ((string server, List<ScaleFigures> runs) in results.Servers)
    Console.WriteLine($"{server}\n{ScaleTable.Write(runs)}");
return 0;
