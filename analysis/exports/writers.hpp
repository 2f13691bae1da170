#pragma once

#include "exports/format.hpp"

/// The formats, each defined in the source file of its name.
namespace hockney::exports {

extern const Format aiconfigurator;  ///< ai-dynamo/aiconfigurator: nccl_perf.txt, node.yaml
extern const Format alpa;            ///< Alpa: times per mesh as JSON, and the program that pickles them
extern const Format astra_sim;       ///< ASTRA-sim, analytical network YAML
extern const Format autoparallel;    ///< Meta AutoParallel: latency and bandwidth tables with ramps
extern const Format calculon;        ///< Calculon: system JSON
extern const Format colossalai;      ///< ColossalAI: alpha_beta_dict, mesh_alpha, mesh_beta
extern const Format csv;             ///< every segment of every curve
extern const Format flexflow;        ///< FlexFlow: machine model file
extern const Format galvatron;       ///< Hetu-Galvatron: four JSON files
extern const Format llm_analysis;    ///< llm-analysis: GPU JSON
extern const Format nccl_tuner;      ///< NCCL's example tuner plugin: CSV
extern const Format nnscaler;        ///< nnScaler: intra_N.json
extern const Format simai;           ///< SimAI: ratio CSVs and flags
extern const Format simgrid;         ///< SimGrid: platform XML with factors
extern const Format taccl;           ///< TACCL: topology JSON
extern const Format vtrain;          ///< vTrain: lookup tables

}  // namespace hockney::exports
