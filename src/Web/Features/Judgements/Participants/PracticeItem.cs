using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Web.Features.Judgements.Participants;

/// <summary>The item that participants try the study's instrument on.</summary>
internal static class PracticeItem
{
    public static int ResponseCount(InstrumentSpec instrument) => instrument.Kind == Instrument.Pairwise ? 2 : 3;

    public static bool IsFinished(IFormCollection form, InstrumentSpec instrument) =>
        PageFields.ReadAnswer(form, instrument, ResponseCount(instrument), out _) is { } answer
        && instrument.Complete(answer, ResponseCount(instrument)).Problems.Count == 0;
}
