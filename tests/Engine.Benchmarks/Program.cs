using PersonalLlm.Engine.Benchmarks;

var arguments = new Arguments(args);
var questions = new Dictionary<string, Func<Arguments, Job>>
{
    ["votes"] = Votes.Prepare,
    ["contenders"] = Votes.PrepareContenders,
    ["ranks"] = Ranks.Prepare,
    ["agreement-matrix"] = Agreement.Prepare,
    ["agreement-mean"] = Ranks.PrepareAgreementMean,
    ["bootstrap"] = Resampling.Prepare,
    ["dedup"] = Dedup.Prepare,
    ["slider"] = Slider.Prepare,
    ["dirichlet"] = Dirichlet.Prepare,
    ["tokenizer"] = Tokenizing.Prepare,
    ["encoder"] = Encoder.Prepare,
    ["fma-peak"] = Encoder.PrepareFmaPeak,
};
if (!questions.TryGetValue(arguments.Question, out var prepare))
{
    Console.Error.WriteLine($"Ask one of: {string.Join(", ", questions.Keys)}.");
    return 2;
}
Timing.Run(prepare(arguments), arguments);
return 0;
