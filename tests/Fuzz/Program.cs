using SharpFuzz;
using VipOperator.Fuzz;

// usage: Fuzz TARGET           reads inputs from afl-fuzz
//        Fuzz TARGET FILE…     runs the inputs of these files, as found by it
//        Fuzz seeds FOLDER     writes inputs to begin with, a folder for each target
if (args is ["seeds", var folder])
{
    Seeds.Write(folder);
    return 0;
}

if (args.Length == 0 || !Targets.All.TryGetValue(args[0], out Action<byte[]>? target))
{
    Console.Error.WriteLine($"usage: Fuzz {string.Join('|', Targets.All.Keys)} [FILE…] | Fuzz seeds FOLDER");
    return 2;
}

if (args.Length > 1)
{
    foreach (string file in args.Skip(1))
        target(File.ReadAllBytes(file));
    return 0;
}

Fuzzer.OutOfProcess.Run(stream =>
{
    using var input = new MemoryStream();
    stream.CopyTo(input);
    target(input.ToArray());
});
return 0;
