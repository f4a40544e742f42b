"""zuozhen 坐诊接诉: clinic hours for enterprises' complaints, as a forms and BPMN plugin."""

__version__ = "0.1.0"
