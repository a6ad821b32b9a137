namespace PersonalLlm.Engine.Statistics;

/// <summary>Eigenvalues and eigenvectors of a small symmetric matrix, by cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, §8.5).</summary>
internal static class SymmetricEigen
{
    private const int MostSweeps = 100;

    /// <param name="matrix">[size × size], symmetric.</param>
    /// <param name="size">A few dozen at most: every sweep takes size³ steps.</param>
    /// <returns>
    /// Eigenvalues from the largest down, and their unit vectors [vectors][coordinates]; the coordinate of largest size of each is positive, the first of them where several are.
    /// </returns>
    public static (double[] Values, double[][] Vectors) Of(ReadOnlySpan<double> matrix, int size)
    {
        if (matrix.Length != size * size)
            throw new ArgumentException($"Expected {size} × {size} numbers but got {matrix.Length}.");
        var a = matrix.ToArray();
        var v = new double[size * size];
        for (var place = 0; place < size; place++)
            v[(place * size) + place] = 1;
        for (var sweep = 0; sweep < MostSweeps && OffDiagonal(a, size) > 0; sweep++)
            for (var p = 0; p < size; p++)
                for (var q = p + 1; q < size; q++)
                    Rotate(a, v, size, p, q);
        var order = Enumerable.Range(0, size).OrderByDescending(place => a[(place * size) + place]).ToArray();
        return ([.. order.Select(place => a[(place * size) + place])], [.. order.Select(place => Column(v, size, place))]);
    }

    private static void Rotate(double[] a, double[] v, int size, int p, int q)
    {
        var apq = a[(p * size) + q];
        if (apq == 0)
            return;
        var (app, aqq) = (a[(p * size) + p], a[(q * size) + q]);
        // What is lost against both neighbours on the diagonal is zero.
        if (Math.Abs(apq) < 1e-18 * (Math.Abs(app) + Math.Abs(aqq)))
        {
            a[(p * size) + q] = a[(q * size) + p] = 0;
            return;
        }
        var tau = (aqq - app) / (2 * apq);
        var t = (tau >= 0 ? 1 : -1) / (Math.Abs(tau) + Math.Sqrt(1 + (tau * tau)));
        var c = 1 / Math.Sqrt(1 + (t * t));
        var s = t * c;
        for (var k = 0; k < size; k++)
            (a[(k * size) + p], a[(k * size) + q]) = Turn(a[(k * size) + p], a[(k * size) + q]);
        for (var k = 0; k < size; k++)
            (a[(p * size) + k], a[(q * size) + k]) = Turn(a[(p * size) + k], a[(q * size) + k]);
        a[(p * size) + q] = a[(q * size) + p] = 0;
        for (var k = 0; k < size; k++)
            (v[(k * size) + p], v[(k * size) + q]) = Turn(v[(k * size) + p], v[(k * size) + q]);

        (double, double) Turn(double x, double y) => ((c * x) - (s * y), (s * x) + (c * y));
    }

    private static double OffDiagonal(double[] a, int size)
    {
        var sum = 0.0;
        for (var row = 0; row < size; row++)
            for (var column = row + 1; column < size; column++)
                sum += Math.Abs(a[(row * size) + column]);
        return sum;
    }

    private static double[] Column(double[] v, int size, int place)
    {
        var column = new double[size];
        var largest = 0;
        for (var row = 0; row < size; row++)
        {
            column[row] = v[(row * size) + place];
            // Equal to the last few digits is equal: rounding must not decide which way a figure faces.
            if (Math.Abs(column[row]) > Math.Abs(column[largest]) + 1e-9)
                largest = row;
        }
        return column[largest] < 0 ? Array.ConvertAll(column, x => -x) : column;
    }
}
