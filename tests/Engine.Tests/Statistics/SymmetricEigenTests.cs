using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Tests.Statistics;

public sealed class SymmetricEigenTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(12)]
    public void ValuesAndVectorsMakeTheMatrixAgain(int size)
    {
        var random = new Random(size);
        var matrix = new double[size * size];
        for (var row = 0; row < size; row++)
            for (var column = 0; column <= row; column++)
                matrix[(row * size) + column] = matrix[(column * size) + row] = (random.NextDouble() * 2) - 1;
        var (values, vectors) = SymmetricEigen.Of(matrix, size);
        Assert.Equal(values.OrderDescending(), values);
        for (var one = 0; one < size; one++)
        {
            for (var other = 0; other < size; other++)
            {
                Assert.Equal(one == other ? 1 : 0, vectors[one].Zip(vectors[other], (x, y) => x * y).Sum(), 12);
                Assert.Equal(matrix[(one * size) + other], Enumerable.Range(0, size).Sum(k => values[k] * vectors[k][one] * vectors[k][other]), 12);
            }
            Assert.True(vectors[one].MaxBy(Math.Abs) > 0);
        }
    }

    [Fact]
    public void AMatrixOfZerosHasTheAxesForVectors()
    {
        var (values, vectors) = SymmetricEigen.Of(new double[9], 3);
        Assert.Equal([0, 0, 0], values);
        Assert.Equal([1, 0, 0], vectors[0]);
    }
}
