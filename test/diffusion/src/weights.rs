//! Weights of a file, without those of the encoder that only training needs.

use std::path::Path;

use anyhow::Result;
use candle_core::safetensors::MmapedSafetensors;
use candle_core::{DType, Device, Shape, Tensor};
use candle_nn::{Init, VarBuilder, var_builder::SimpleBackend};

struct File(MmapedSafetensors);

/// The tensors of a file.
pub fn open(path: &Path) -> Result<VarBuilder<'static>> {
    // SAFETY: nobody changes the file while it is mapped.
    let file = unsafe { MmapedSafetensors::new(path)? };
    Ok(VarBuilder::from_backend(Box::new(File(file)), DType::F32, Device::Cpu))
}

impl SimpleBackend for File {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        _: Init,
        dtype: DType,
        device: &Device,
    ) -> candle_core::Result<Tensor> {
        if name.starts_with("encoder.down") || name.starts_with("encoder.mid_block")
            || name.starts_with("encoder.conv") || name.starts_with("quant_conv")
        {
            return Tensor::zeros(shape, dtype, device);
        }
        let tensor = self.0.load(name, device)?.to_dtype(dtype)?;
        if tensor.shape() != &shape {
            candle_core::bail!("{name}: {:?} against {shape:?}", tensor.shape());
        }
        Ok(tensor)
    }

    fn get_unchecked(
        &self,
        name: &str,
        dtype: DType,
        device: &Device,
    ) -> candle_core::Result<Tensor> {
        self.0.load(name, device)?.to_dtype(dtype)
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.0.get(name).is_ok()
    }
}
