//! Constants of an image program: weights in the layout of the bundle, rows and tables of numbers.

use opml_operator::WeightType;
use opml_operator::geometry::Matrix;

use super::tensor::{Filter, Image, Row, region_log2};
use super::{Graph, Home, ImageError};

/// Shape and type of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilterShape {
    /// Channels that are written.
    pub outputs: u32,
    /// Channels that are read.
    pub inputs: u32,
    /// Height and width: 1 or 3.
    pub size: u32,
    /// How weights are stored.
    pub kind: WeightType,
}

impl FilterShape {
    /// A linear layer.
    pub const fn linear(inputs: u32, outputs: u32, kind: WeightType) -> Self {
        Self { outputs, inputs, size: 1, kind }
    }

    /// Elements that the original tensor has.
    pub fn elements(&self) -> u64 {
        let taps = u64::from(self.size).pow(2);
        u64::from(self.outputs) * u64::from(self.inputs) * taps
    }

    /// The matrix that the kernel reads: inputs of a tap side by side, filled up to whole blocks.
    fn matrix(&self) -> Matrix {
        let unit = self.kind.unit();
        let inputs = self.inputs.next_multiple_of(unit);
        Matrix { k: self.size * self.size * inputs, rows: self.outputs, kind: self.kind }
    }

    /// The rows of that matrix, from a tensor with the taps innermost (outputs, inputs, y, x).
    fn rows(&self, values: &[f32]) -> Vec<f32> {
        let (inputs, taps) = (self.inputs as usize, (self.size * self.size) as usize);
        let matrix = self.matrix();
        let padded = matrix.k as usize / taps;
        let mut rows = vec![0.0; matrix.k as usize * self.outputs as usize];
        let outputs = values.chunks_exact(inputs * taps);
        for (row, filter) in rows.chunks_exact_mut(matrix.k as usize).zip(outputs) {
            for (tap, row) in row.chunks_exact_mut(padded).enumerate() {
                for (input, weight) in row.iter_mut().take(inputs).enumerate() {
                    *weight = filter[input * taps + tap];
                }
            }
        }
        rows
    }
}

impl Graph {
    /// A filter of weights given as outputs, inputs, rows, columns; `bias` is a number for each output,
    /// or one of a [`Self::table`].
    pub fn filter(
        &mut self,
        name: &str,
        shape: FilterShape,
        (values, bias): (&[f32], Row),
    ) -> Result<Filter, ImageError> {
        let expected = shape.elements();
        if expected == 0 {
            return Err(ImageError::Empty { name: name.to_owned() });
        }
        if values.len() as u64 != expected {
            let (name, actual) = (name.to_owned(), values.len());
            return Err(ImageError::Elements { name, expected, actual });
        }
        if bias.n != shape.outputs {
            let (left, right) = (bias.n.into(), shape.outputs.into());
            return Err(ImageError::Mismatch { what: "bias and outputs of a filter", left, right });
        }
        let weights = self.builder.matrix(name, shape.matrix(), &shape.rows(values))?;
        let FilterShape { outputs, inputs, size, .. } = shape;
        Ok(Filter { weights, bias, inputs, outputs, size })
    }

    /// A row of numbers.
    pub fn row(&mut self, name: &str, values: &[f32]) -> Result<Row, ImageError> {
        let vector = self.builder.vector(name, values)?;
        Ok(Row { home: Home::Fixed(vector.place.base), offset: 0, n: vector.n, step_log2: None })
    }

    /// `n` zeros, such as the bias of a layer that has none.
    pub fn zeros(&mut self, n: u32) -> Result<Row, ImageError> {
        if let Some(row) = self.zeros.filter(|row| row.n >= n) {
            return Ok(Row { n, ..row });
        }
        let row = self.row("zeros", &vec![0.0; n as usize])?;
        self.zeros = Some(row);
        Ok(row)
    }

    /// A row of numbers for each iteration of a loop, all of the same length.
    pub fn table(&mut self, name: &str, rows: &[Vec<f32>]) -> Result<Row, ImageError> {
        let n = rows.first().map_or(0, Vec::len);
        let step_log2 = region_log2(n as u64 * 4);
        let mut values = Vec::with_capacity(rows.len() << (step_log2 - 2));
        for row in rows {
            if row.len() != n {
                let (name, expected) = (name.to_owned(), n as u64);
                return Err(ImageError::Elements { name, expected, actual: row.len() });
            }
            values.extend(row);
            values.resize(values.len().next_multiple_of(1 << (step_log2 - 2)), 0.0);
        }
        let vector = self.builder.vector(name, &values)?;
        let n = u32::try_from(n).unwrap_or(u32::MAX);
        let home = Home::Fixed(vector.place.base);
        Ok(Row { home, offset: 0, n, step_log2: Some(step_log2) })
    }

    /// An image of constants, pixel by pixel.
    pub fn constant(
        &mut self,
        name: &str,
        (height, width): (u32, u32),
        values: &[f32],
    ) -> Result<Image, ImageError> {
        let pixels = u64::from(height) * u64::from(width);
        let channels = (values.len() as u64).checked_div(pixels).unwrap_or(0);
        if channels == 0 || channels * pixels != values.len() as u64 {
            let name = name.to_owned();
            return Err(ImageError::Elements { name, expected: pixels, actual: values.len() });
        }
        let channels = u32::try_from(channels).unwrap_or(u32::MAX);
        let row_log2 = Image::row_log2_of(channels);
        let mut rows = Vec::with_capacity(values.len());
        for pixel in values.chunks_exact(channels as usize) {
            rows.extend(pixel);
            rows.resize(rows.len().next_multiple_of(1 << (row_log2 - 2)), 0.0);
        }
        let vector = self.builder.vector(name, &rows)?;
        Ok(Image { height, width, channels, row_log2, home: Home::Fixed(vector.place.base) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_becomes_rows_of_taps() {
        let shape = FilterShape { outputs: 2, inputs: 3, size: 3, kind: WeightType::Q8_0 };
        let values: Vec<f32> = (0..54u8).map(f32::from).collect();
        let rows = shape.rows(&values);
        assert_eq!(shape.matrix(), Matrix { k: 9 * 32, rows: 2, kind: WeightType::Q8_0 });
        for (output, input, tap) in [(0, 0, 0), (0, 2, 4), (1, 1, 8)] {
            let found = rows[output * 288 + tap * 32 + input];
            assert!((found - values[output * 27 + input * 9 + tap]).abs() < 0.5);
        }
        assert!(rows[3..32].iter().all(|weight| *weight == 0.0));
    }
}
