using System.Buffers.Binary;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Data.Population;

/// <summary>The simulated users that a study's people are compared with, written down with their weights when the design was first locked.</summary>
public sealed class FrozenCohort
{
    public int StudyId { get; init; }
    public Study? Study { get; init; }

    /// <summary>Of the population at that time.</summary>
    public required string Name { get; init; }

    public required PopulationSpec Spec { get; init; }

    /// <summary><see cref="PopulationSpec.Hash"/>.</summary>
    public required string Hash { get; init; }

    /// <summary>[users × reward models], row-major, little-endian float64.</summary>
    public required byte[] Weights { get; init; }

    public DateTimeOffset FrozenAt { get; init; }

    /// <summary>Draws the users of a population and writes them down.</summary>
    /// <exception cref="ArgumentException">The population cannot be drawn.</exception>
    public static FrozenCohort Of(int studyId, string name, PopulationSpec spec, DateTimeOffset now)
    {
        var weights = PopulationSampler.Sample(spec).Weights;
        var bytes = new byte[weights.Length * sizeof(double)];
        for (var place = 0; place < weights.Length; place++)
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(place * sizeof(double)), weights[place]);
        return new FrozenCohort { StudyId = studyId, Name = name, Spec = spec, Hash = spec.Hash(), Weights = bytes, FrozenAt = now };
    }

    /// <summary>The users as they were written down.</summary>
    public SimulatedUsers Users()
    {
        var weights = new double[Weights.Length / sizeof(double)];
        for (var place = 0; place < weights.Length; place++)
            weights[place] = BinaryPrimitives.ReadDoubleLittleEndian(Weights.AsSpan(place * sizeof(double)));
        // Where near users were dropped, which draws the others are follows from drawing again; the weights alone do not say.
        return Spec.SmallestDistance is not null && PopulationSampler.Sample(Spec) is var drawn && drawn.Weights.SequenceEqual(weights)
            ? drawn
            : SimulatedUsers.OfWeights(Spec, weights);
    }
}

internal sealed class FrozenCohortConfiguration : IEntityTypeConfiguration<FrozenCohort>
{
    public void Configure(EntityTypeBuilder<FrozenCohort> entity)
    {
        entity.HasKey(frozen => frozen.StudyId);
        entity.Property(frozen => frozen.Name).HasMaxLength(200);
        entity.Property(frozen => frozen.Hash).HasMaxLength(64);
        entity.Property(frozen => frozen.Spec).HasConversion(spec => PopulationSpecText.Write(spec), text => PopulationSpecText.Read(text));
        entity.HasOne(frozen => frozen.Study).WithOne().HasForeignKey<FrozenCohort>(frozen => frozen.StudyId).OnDelete(DeleteBehavior.Cascade);
    }
}
