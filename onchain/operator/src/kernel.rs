//! Names of kernels and of weight types.

/// A kernel of the image. The numbers are part of the descriptor's encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u32)]
pub enum Kernel {
    /// Activations to blocks of 32 eight-bit integers.
    Quantize = 1,
    /// Weight matrix times vector.
    Matmul = 2,
    /// Element-wise sum.
    Add = 3,
    /// Element-wise product.
    Mul = 4,
    /// `max(x, 0)`.
    Relu = 5,
    /// `x * sigmoid(x)`.
    Silu = 6,
    /// Gaussian error linear unit, by the error function.
    Gelu = 7,
    /// The same, by its approximation with the hyperbolic tangent.
    GeluTanh = 8,
    /// Root mean square normalisation.
    RmsNorm = 9,
    /// Layer normalisation.
    LayerNorm = 10,
    /// Softmax of a row.
    Softmax = 11,
    /// Rotary position embedding.
    Rope = 12,
    /// Attention scores of one head against cached keys.
    Scores = 13,
    /// Cached values of one head, weighted by its probabilities.
    Mix = 14,
    /// A row of an embedding table.
    Embed = 15,
    /// Index of the greatest element.
    ArgMax = 16,
    /// An index drawn by its logit.
    Sample = 17,
    /// Bytes of the request to numbers.
    FromBytes = 18,
    /// The output region: a length and bytes.
    Emit = 19,
    /// The request's text to tokens.
    Encode = 20,
    /// The token of a position: the prompt's, or the chosen one.
    Next = 21,
    /// Tokens to the text of the output region.
    Decode = 22,
    /// Convolution of an image.
    Conv = 23,
    /// The same, and an image added.
    ConvAdd = 24,
    /// Attention of every row of an image over all rows of another.
    Attend = 25,
    /// Sums of a block of pixels and of their squared distances from its mean, by channel.
    Moments = 26,
    /// Gains and offsets of a group normalisation, from moments.
    GroupAffine = 27,
    /// A gain and an offset for each channel of an image, and an activation.
    Affine = 28,
    /// Pixels to blocks of 32 eight-bit integers.
    Pack = 29,
    /// [`Self::Affine`] and [`Self::Pack`] in one.
    AffinePack = 30,
    /// Layer normalisation of every pixel.
    NormRows = 31,
    /// Another size of an image.
    Resample = 32,
    /// Channels of two images, one behind the other.
    Concat = 33,
    /// Sums of vectors, each multiplied by a number.
    Blend = 34,
    /// Random numbers by the request's seed, out of a table.
    Noise = 35,
    /// Pixels to bytes.
    ToBytes = 36,
}

impl Kernel {
    /// All of them, by number.
    pub const ALL: [Self; 36] = [
        Self::Quantize,
        Self::Matmul,
        Self::Add,
        Self::Mul,
        Self::Relu,
        Self::Silu,
        Self::Gelu,
        Self::GeluTanh,
        Self::RmsNorm,
        Self::LayerNorm,
        Self::Softmax,
        Self::Rope,
        Self::Scores,
        Self::Mix,
        Self::Embed,
        Self::ArgMax,
        Self::Sample,
        Self::FromBytes,
        Self::Emit,
        Self::Encode,
        Self::Next,
        Self::Decode,
        Self::Conv,
        Self::ConvAdd,
        Self::Attend,
        Self::Moments,
        Self::GroupAffine,
        Self::Affine,
        Self::Pack,
        Self::AffinePack,
        Self::NormRows,
        Self::Resample,
        Self::Concat,
        Self::Blend,
        Self::Noise,
        Self::ToBytes,
    ];

    /// The kernel with this number; 0 is none, which makes an absent descriptor illegal.
    pub fn from_id(id: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kernel| kernel.id() == id)
    }

    /// The number.
    pub const fn id(self) -> u32 {
        self as u32
    }

    /// Input regions that it takes.
    pub const fn inputs(self) -> u32 {
        match self {
            Self::Quantize
            | Self::Relu
            | Self::Silu
            | Self::Gelu
            | Self::GeluTanh
            | Self::Softmax
            | Self::ArgMax
            | Self::FromBytes
            | Self::Emit
            | Self::Moments
            | Self::Pack
            | Self::Resample
            | Self::ToBytes => 1,
            Self::Matmul
            | Self::Add
            | Self::Mul
            | Self::RmsNorm
            | Self::Rope
            | Self::Scores
            | Self::Mix
            | Self::Embed
            | Self::Sample
            | Self::Encode
            | Self::Affine
            | Self::AffinePack
            | Self::Concat
            | Self::Noise => 2,
            Self::LayerNorm
            | Self::Next
            | Self::Decode
            | Self::Conv
            | Self::Attend
            | Self::GroupAffine
            | Self::NormRows => 3,
            Self::ConvAdd | Self::Blend => 4,
        }
    }

    /// Parameters that it takes; the others of a descriptor are zero.
    pub const fn params(self) -> usize {
        match self {
            Self::Quantize
            | Self::Add
            | Self::Mul
            | Self::Relu
            | Self::Silu
            | Self::Gelu
            | Self::GeluTanh
            | Self::ArgMax
            | Self::Sample
            | Self::Emit => 1,
            Self::RmsNorm
            | Self::LayerNorm
            | Self::Softmax
            | Self::Encode
            | Self::Blend
            | Self::Noise => 2,
            Self::Matmul | Self::Rope | Self::Embed | Self::FromBytes | Self::Decode => 3,
            Self::Moments | Self::Pack => 4,
            Self::Mix | Self::Affine | Self::AffinePack | Self::NormRows | Self::ToBytes => 5,
            Self::Scores | Self::Next | Self::GroupAffine | Self::Concat => 6,
            Self::Resample => 8,
            Self::Conv | Self::ConvAdd => 12,
            Self::Attend => 14,
        }
    }
}

/// How a weight matrix is stored; names as in ggml.
#[allow(non_camel_case_types, reason = "ggml's names")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u32)]
pub enum WeightType {
    /// 32-bit floating point.
    F32 = 0,
    /// 16-bit floating point.
    F16 = 1,
    /// Blocks of 32 eight-bit integers with a scale (`block_q8_0`).
    Q8_0 = 2,
    /// Blocks of 32 four-bit integers with a scale (`block_q4_0`).
    Q4_0 = 3,
    /// Blocks of 32 four-bit integers with a scale and a minimum (`block_q4_1`).
    Q4_1 = 4,
    /// Blocks of 256 four-bit integers whose eight parts have scales and minimums of six bits
    /// (`block_q4_K`).
    Q4_K = 5,
    /// Blocks of 256 six-bit integers whose sixteen parts have scales of eight bits (`block_q6_K`).
    Q6_K = 6,
}

impl WeightType {
    /// All of them, by number.
    pub const ALL: [Self; 7] =
        [Self::F32, Self::F16, Self::Q8_0, Self::Q4_0, Self::Q4_1, Self::Q4_K, Self::Q6_K];
    /// Rows that are interleaved.
    pub const GROUP_ROWS: u32 = 16;
    /// Elements in a quantized block.
    pub const BLOCK: u32 = 32;
    /// Elements in a block of blocks.
    pub const SUPER_BLOCK: u32 = 256;

    /// The type with this number.
    pub fn from_id(id: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u32 == id)
    }

    /// The number.
    pub const fn id(self) -> u32 {
        self as u32
    }

    /// Whether elements come in blocks with a scale.
    pub const fn quantized(self) -> bool {
        !matches!(self, Self::F32 | Self::F16)
    }

    /// Elements that a row has a multiple of.
    pub const fn unit(self) -> u32 {
        match self {
            Self::F32 | Self::F16 => 1,
            Self::Q8_0 | Self::Q4_0 | Self::Q4_1 => Self::BLOCK,
            Self::Q4_K | Self::Q6_K => Self::SUPER_BLOCK,
        }
    }

    /// Bytes of a group of 16 rows of `k` elements; `k` is a multiple of [`Self::unit`].
    pub const fn group_bytes(self, k: u32) -> u64 {
        // k < 2^32 and the factors are below 2^10: no overflow in 64 bits.
        let k = k as u64;
        let blocks = k.div_ceil(Self::BLOCK as u64);
        match self {
            Self::F32 => k.saturating_mul(64),
            Self::F16 => k.saturating_mul(32),
            Self::Q8_0 => blocks.saturating_mul(544),
            Self::Q4_0 => blocks.saturating_mul(288),
            Self::Q4_1 => blocks.saturating_mul(320),
            Self::Q4_K => (blocks / 8).saturating_mul(2368),
            Self::Q6_K => (blocks / 8).saturating_mul(4384),
        }
    }

    /// Bytes of a matrix of `rows` rows of `k` elements, its last group filled up.
    pub const fn matrix_bytes(self, rows: u32, k: u32) -> u64 {
        let groups = rows.div_ceil(Self::GROUP_ROWS) as u64;
        groups.saturating_mul(self.group_bytes(k))
    }
}
